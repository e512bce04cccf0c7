import { Secret } from '#libs/config/secret.js';
import { auditTable } from '#libs/persistence/audit.js';
import { describeEachDatabase } from '#libs/persistence/testing/each-database.js';
import { noticed } from '#libs/persistence/testing/noticed.js';
import { type MakeDatabase } from '#libs/persistence/testing/temporary-database.js';
import { actor } from '#libs/kernel/actor.js';
import { fixedClock } from '#libs/kernel/testing/fixed-clock.js';
import { silentLog } from '#libs/observability/log.js';
import { SampledLog } from '#libs/observability/sampled-log.js';

import { CredentialKeys, type VerdictKey } from '../credential-keys.js';
import { describeSystemStore } from '../testing/system-store.contract.js';
import { describeVerdictStore } from '../testing/verdict-store.contract.js';
import { VerdictCache } from '../verdicts/verdict-cache.js';
import { DatabaseSystemStore } from './database-system-store.js';
import { DatabaseVerdictStore } from './database-verdict-store.js';
import { generationTable } from './generation.table.js';
import { systemTable } from './system.table.js';
import { verdictTable } from './verdict.table.js';

const tables = [auditTable, verdictTable, systemTable, generationTable];
const keys = new CredentialKeys(new Secret(Buffer.alloc(32, 1)));
const clock = fixedClock('1970-01-01T00:00:01Z');

async function openedTwice(makeDatabase: MakeDatabase) {
  const { database, another, remove } = await makeDatabase(tables);
  const store = new DatabaseVerdictStore(database, keys, clock, silentLog);
  const elsewhere = new DatabaseVerdictStore(await another(), keys, clock, silentLog);
  const close = async () => {
    await store.flush();
    await remove();
  };
  return { database, store, elsewhere, close };
}

describeEachDatabase('verdicts and systems', (makeDatabase) => {
  const opened = () => openedTwice(makeDatabase);

  describeVerdictStore('database', async () => {
    const { store, elsewhere, close } = await opened();
    return { store, elsewhere, arrive: () => store.flush(), close };
  });

  describeSystemStore('database', async () => {
    const { database, remove } = await makeDatabase(tables);
    return { store: new DatabaseSystemStore(database), close: remove };
  });

  describe('DatabaseVerdictStore', () => {
    const verdict = { checkedAt: 1_000, freshUntil: 2_000, usableUntil: 3_000, validUntil: undefined };
    const owner = (name: string, generation: number) => ({
      key: name as VerdictKey,
      systemId: name as never,
      generation,
    });

    it('writes a herd in few transactions, and drops what has ended', async () => {
      const { store, elsewhere, database, close } = await opened();
      const generation = await store.generation();
      store.save(owner('old', generation), { ...verdict, usableUntil: 1_000 });
      for (let i = 0; i < 2_500; i += 1) store.save(owner(`system-${String(i)}`, generation), verdict);
      const before = elsewhere.version();
      await store.flush();
      expect(elsewhere.version() - before).toBeLessThanOrEqual(3);
      expect(await database.read((manager) => manager.count(verdictTable))).toBe(2_500);
      await close();
    });

    it('drops what another process forgot while it was waiting to be written', async () => {
      const { store, elsewhere, database, close } = await opened();
      store.save(owner('one', await store.generation()), verdict);
      await elsewhere.forget('one' as never, new Date(0), { actor: actor('cli') });
      await store.flush();
      expect(await database.read((manager) => manager.count(verdictTable))).toBe(0);
      await close();
    });

    it('does not bring a forgotten system back into memory out of what waits to be written (I-17)', async () => {
      const { store, elsewhere, database, close } = await opened();
      const cache = new VerdictCache(store, new SampledLog(silentLog));
      await cache.catchUp();
      const yes = owner('one', cache.generation);
      cache.keepYes(yes, verdict, true);
      await noticed(database, () => elsewhere.forget(yes.systemId, new Date(0), { actor: actor('cli') }));
      await cache.catchUp();
      expect(await cache.load({ key: yes.key, shared: true }, 1_500)).toBeUndefined();
      await close();
    });

    it('records who made the system be forgotten (I-30), and keeps ids in no other place', async () => {
      const { store, database, close } = await opened();
      store.save(owner('canary', await store.generation()), verdict);
      await store.flush();
      const row = await database.read((manager) => manager.find(verdictTable));
      expect(JSON.stringify(row.map(({ systemKey }) => systemKey))).not.toContain('canary');
      await store.forget('canary' as never, new Date(0), { actor: actor('cli', 'root'), reason: 'sold' });
      expect(await database.read((manager) => manager.find(auditTable))).toMatchObject([
        { actor: 'cli:root', action: 'forget-system', subject: 'system:canary', reason: 'sold' },
      ]);
      await close();
    });
  });
});
