import { actor } from '#libs/kernel/actor.js';
import { repositoryName, snapshotId } from '#libs/kernel/ids.js';
import { auditTable } from '#libs/persistence/audit.js';
import { type Database } from '#libs/persistence/database.js';
import { describeEachDatabase } from '#libs/persistence/testing/each-database.js';
import { heldLease } from '#libs/persistence/testing/held-lease.js';
import { type TemporaryDatabase } from '#libs/persistence/testing/temporary-database.js';

import { describeRepositoryStore, SETTINGS } from '../testing/repository-store.contract.js';
import { DatabaseRepositoryStore } from './database-repository-store.js';
import { repositoryTable } from './repository.table.js';

describeEachDatabase('DatabaseRepositoryStore', (makeDatabase) => {
  describeRepositoryStore('DatabaseRepositoryStore', async () => {
    const { database, remove } = await makeDatabase([repositoryTable]);
    return { store: new DatabaseRepositoryStore(database), ...(await heldLease(database)), close: remove };
  });

  describe("DatabaseRepositoryStore's audit records (I-30)", () => {
    const name = repositoryName('debian');
    const at = new Date('2026-03-10T00:00:00Z');
    const later = new Date('2026-03-11T00:00:00Z');
    const act = { actor: actor('cli', 'root'), reason: 'because' };
    const freeze = {
      snapshot: snapshotId('20260301T000000Z'),
      at: later,
      reason: 'a faulty package',
      until: undefined,
    };

    let temporary: TemporaryDatabase;
    let store: DatabaseRepositoryStore;
    beforeEach(async () => {
      temporary = await makeDatabase([repositoryTable]);
      store = new DatabaseRepositoryStore(temporary.database);
    });
    afterEach(() => temporary.remove());

    const entries = (database: Database) =>
      database.read((manager) => manager.find(auditTable, { order: { id: 'ASC' } }));

    it('stand beside every change: who, when, why, what', async () => {
      const { id } = await store.add(name, { ...SETTINGS, command: 'sync --password hunter2' }, at, act);
      await store.update(name, { delay: 3, command: 'sync --password hunter3', schedule: '0 1 * * *' }, later, act);
      await store.freeze(name, freeze, act);
      await store.unfreeze(name, later, { actor: actor('cli') });
      await store.markDeleted(name, later, act);
      await store.forget(id, (await heldLease(temporary.database)).fence);

      const recorded = await entries(temporary.database);
      expect(recorded.map(({ action }) => action)).toEqual([
        'register-repository',
        'update-repository',
        'freeze-repository',
        'unfreeze-repository',
        'delete-repository',
      ]);
      expect(recorded[0]).toMatchObject({
        at: at.getTime(),
        actor: 'cli:root',
        subject: 'repository:debian',
        reason: 'because',
      });
      expect(recorded[3]).toMatchObject({ at: later.getTime(), actor: 'cli', reason: null });
      expect(recorded.map(({ details }) => (details === null ? null : (JSON.parse(details) as unknown)))).toEqual([
        { delay: 7, holdBack: 'window', editions: ['community', 'enterprise'] },
        { delay: { from: 7, to: 3 }, schedule: { from: null, to: '0 1 * * *' }, command: 'changed' },
        { snapshot: '20260301T000000Z', at: later.getTime(), reason: 'a faulty package' },
        { snapshot: '20260301T000000Z', at: later.getTime(), reason: 'a faulty package' },
        null,
      ]);
      expect(JSON.stringify(recorded)).not.toContain('hunter'); // I-20
    });

    it('are not made for what was refused or changed nothing', async () => {
      await store.add(name, SETTINGS, at, act);
      await store.add(name, SETTINGS, at, act).catch(() => undefined);
      await store.unfreeze(name, at, act).catch(() => undefined);
      await store.update(name, { delay: SETTINGS.delay }, at, act);
      expect(await entries(temporary.database)).toHaveLength(1);
    });

    it('undo the change when they cannot be written', async () => {
      await store.add(name, SETTINGS, at, act);
      await temporary.database.write((manager) => manager.query('drop table audit'));
      await expect(store.freeze(name, freeze, act)).rejects.toThrow();
      expect((await store.find(name))?.freeze).toBeUndefined();
    });
  });
});
