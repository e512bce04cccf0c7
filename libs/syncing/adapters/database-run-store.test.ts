import { actor } from '#libs/kernel/actor.js';
import { repositoryName } from '#libs/kernel/ids.js';
import { describeEachDatabase } from '#libs/persistence/testing/each-database.js';
import { heldLease } from '#libs/persistence/testing/held-lease.js';

import { describeRunStore } from '../testing/run-store.contract.js';
import { DatabaseRunStore } from './database-run-store.js';
import { runLogTable, runTable } from './run.table.js';

const tables = [runTable, runLogTable];

describeEachDatabase('DatabaseRunStore', (makeDatabase) => {
  describeRunStore('DatabaseRunStore', async () => {
    const { database, remove } = await makeDatabase(tables);
    return { store: new DatabaseRunStore(database), ...(await heldLease(database)), close: remove };
  });

  it('gives processes that race for the same repository or due time one run (T-48)', async () => {
    const { database, another, remove } = await makeDatabase(tables);
    try {
      const stores = [new DatabaseRunStore(database), new DatabaseRunStore(await another())];
      const request = { kind: 'sync', at: new Date(0), act: { actor: actor('schedule') } } as const;
      const names = Array.from({ length: 25 }, (_, index) => repositoryName(`repository-${index}`));
      const answers = await Promise.all(
        names.flatMap((repository, index) =>
          stores.map((store) =>
            store.request({ ...request, repository, ...(index % 2 === 0 && { dueKey: `due:${repository}` }) }),
          ),
        ),
      );
      expect(answers.filter((answer) => answer?.joined === false)).toHaveLength(names.length);
      expect(await stores[0]?.list({})).toHaveLength(names.length);
    } finally {
      await remove();
    }
  });
});
