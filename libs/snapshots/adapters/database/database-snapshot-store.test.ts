import fc from 'fast-check';

import { fixedClock } from '#libs/kernel/testing/fixed-clock.js';
import { auditTable } from '#libs/persistence/audit.js';
import { DatabaseRepositoryStore } from '#libs/repositories/adapters/database-repository-store.js';
import { repositoriesTables } from '#libs/repositories/repositories.module.js';
import { type RepositorySettings } from '#libs/repositories/repository.js';
import { describeEachDatabase } from '#libs/persistence/testing/each-database.js';
import { heldLease } from '#libs/persistence/testing/held-lease.js';
import { type MakeDatabase, type TemporaryDatabase } from '#libs/persistence/testing/temporary-database.js';

import { snapshotsTables } from '../../snapshots.module.js';
import { DEBIAN } from '../../testing/arbitrary-snapshots.js';
import { describeCatalog } from '../../testing/catalog.contract.js';
import {
  ACT,
  changesOf,
  forgetSnapshot,
  newSnapshot,
  OPENWRT,
  type Changes,
  type IndexUnderTest,
} from '../../testing/index-under-test.js';
import { describePackageCatalog } from '../../testing/package-catalog.contract.js';
import { describeReadmission } from '../../testing/readmission.contract.js';
import { describeSnapshotStore } from '../../testing/snapshot-store.contract.js';
import { DatabaseCatalog } from './database-catalog.js';
import { DatabasePackageCatalog } from './database-package-catalog.js';
import { DatabaseSnapshotStore } from './database-snapshot-store.js';
import { fileVersionTable } from './file-version.table.js';

const SETTINGS: RepositorySettings = {
  command: 'true',
  sourceFolder: undefined,
  delay: 7,
  holdBack: 'window',
  schedule: undefined,
  editions: ['community'],
};

async function indexIn(makeDatabase: MakeDatabase): Promise<IndexUnderTest & Pick<TemporaryDatabase, 'database'>> {
  const clock = fixedClock('2026-03-10T12:00:00Z');
  const { database, remove } = await makeDatabase([...repositoriesTables, ...snapshotsTables], clock);
  const repositories = new DatabaseRepositoryStore(database);
  await repositories.add(OPENWRT, SETTINGS, clock.now(), ACT);
  const debian = await repositories.add(DEBIAN, SETTINGS, clock.now(), ACT);
  return {
    database,
    store: new DatabaseSnapshotStore(database, clock),
    catalog: new DatabaseCatalog(database),
    packages: new DatabasePackageCatalog(database),
    clock,
    debian,
    ...(await heldLease(database)),
    freeze: async (freeze) => {
      await repositories.freeze(DEBIAN, freeze, ACT);
    },
    audits: async () => {
      const rows = await database.read((manager) => manager.find(auditTable, { order: { id: 'ASC' } }));
      return rows
        .filter(({ subject }) => subject.startsWith('snapshot:'))
        .map(({ action, subject, reason }) => ({ action, subject, reason: reason ?? undefined }));
    },
    remove,
  };
}

describeEachDatabase('DatabaseSnapshotStore', (makeDatabase) => {
  const databaseIndex = () => indexIn(makeDatabase);

  describeSnapshotStore('DatabaseSnapshotStore', databaseIndex);
  describeReadmission('DatabaseSnapshotStore', databaseIndex);
  describeCatalog('DatabaseCatalog', databaseIndex);
  describePackageCatalog('DatabasePackageCatalog', databaseIndex);

  describe('DatabaseSnapshotStore', () => {
    let index: Awaited<ReturnType<typeof databaseIndex>>;

    beforeEach(async () => {
      index = await databaseIndex();
    });
    afterEach(() => index.remove());

    const publish = (sequence: number, changes: Changes, files: number) =>
      index.store.publish(newSnapshot(sequence, files), changesOf(changes), { ...ACT, fence: index.fence });
    const versions = async () => {
      const rows = await index.database.read((manager) => manager.find(fileVersionTable));
      return rows
        .map(({ path, addedIn, removedIn }) => `${path} ${String(addedIn)}-${String(removedIn ?? '')}`)
        .toSorted();
    };

    const forgetAny = async (choice: number) => {
      const left = await index.store.list(DEBIAN);
      const victim = left[choice % Math.max(1, left.length)];
      if (victim) await forgetSnapshot(index, victim);
    };
    const uselessVersions = async () => {
      const left = (await index.store.list(DEBIAN)).map(({ sequence }) => sequence);
      const needed = [await index.store.lastSequence(DEBIAN), ...left];
      const rows = await index.database.read((manager) => manager.find(fileVersionTable));
      return rows.filter(
        ({ addedIn, removedIn }) => !needed.some((at) => addedIn <= at && at < (removedIn ?? Infinity)),
      );
    };

    it('writes rows for what changed only', async () => {
      await publish(1, { a: 1, b: 1, c: 1 }, 3);
      await publish(2, {}, 3);
      await publish(3, { a: 2, b: undefined }, 2);
      expect(await versions()).toEqual(['a 1-3', 'a 3-', 'b 1-3', 'c 1-']);
    });

    it('keeps no row that only forgotten snapshots needed', async () => {
      await publish(1, { a: 1 }, 1);
      await publish(2, { a: 2 }, 1);
      await publish(3, { a: 3 }, 1);
      await publish(4, { a: 4 }, 1);
      await forgetSnapshot(index, newSnapshot(2, 1));
      expect(await versions()).toEqual(['a 1-2', 'a 3-4', 'a 4-']);
      await forgetSnapshot(index, newSnapshot(1, 1));
      expect(await versions()).toEqual(['a 3-4', 'a 4-']);
      await forgetSnapshot(index, newSnapshot(4, 1)); // the one the next is relative to
      expect(await versions()).toEqual(['a 3-4', 'a 4-']);
      await publish(5, { a: 5 }, 1);
      expect(await versions()).toEqual(['a 3-4', 'a 5-']);
    });

    it('keeps just the rows that some list needs, whatever is published and forgotten', async () => {
      const changes = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.nat(5));
      const steps = fc.array(fc.oneof(changes, fc.nat(20)), { minLength: 4, maxLength: 16 });
      const run = async (steps: readonly (Changes | number)[]) => {
        await index.store.forgetAll(index.debian, index.fence);
        const paths = new Set<string>();
        for (const step of steps) {
          if (typeof step === 'number') await forgetAny(step);
          else {
            for (const path of Object.keys(step)) paths.add(path);
            await publish((await index.store.lastSequence(DEBIAN)) + 1, step, paths.size);
          }
        }
        expect(await uselessVersions()).toEqual([]);
      };
      await fc.assert(fc.asyncProperty(steps, run), { numRuns: 25 });
    });

    it.each([
      ['that is not there', (manager: QueryManager) => manager.query(`delete from repositories where name = 'debian'`)],
      ['that is being removed', (manager: QueryManager) => manager.query(`update repositories set deleted_at = 1`)],
    ])('publishes nothing for a repository %s', async (_, spoil) => {
      await index.database.write(spoil);
      await expect(publish(1, {}, 0)).rejects.toMatchObject({ code: 'REPOSITORY_NOT_FOUND' });
      expect(await index.store.list(DEBIAN)).toEqual([]);
    });

    it('knows nothing of a repository that is not there', async () => {
      await index.database.write((manager) => manager.query(`delete from repositories where name = 'debian'`));
      expect(await index.store.lastSequence(DEBIAN)).toBe(0);
      expect(await index.store.move(DEBIAN, newSnapshot(1, 0).id, 'complete', 'removing', ACT)).toBe(false);
      await index.store.forget(DEBIAN, newSnapshot(1, 0).id);
      await index.store.forgetAll(index.debian, index.fence);
      expect(await index.catalog.find(DEBIAN, 1, 'a')).toBeUndefined();
    });
  });
});

interface QueryManager {
  query(sql: string): Promise<unknown>;
}
