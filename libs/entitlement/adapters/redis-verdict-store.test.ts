import { Redis } from 'ioredis';

import { Secret } from '#libs/config/secret.js';
import { RedisServer } from '#libs/jobs/testing/redis-server.js';
import { actor } from '#libs/kernel/actor.js';
import { MINUTE } from '#libs/kernel/duration.js';
import { type SystemId } from '#libs/kernel/ids.js';
import { fixedClock } from '#libs/kernel/testing/fixed-clock.js';
import { until } from '#libs/kernel/testing/until.js';
import { RecordedLog } from '#libs/observability/testing/recorded-log.js';
import { auditTable } from '#libs/persistence/audit.js';
import { describeEachDatabase } from '#libs/persistence/testing/each-database.js';

import { CredentialKeys, type VerdictKey } from '../credential-keys.js';
import { startCheck } from '../testing/check-under-test.js';
import { ScriptedAuthority } from '../testing/scripted-authority.js';
import { describeVerdictStore } from '../testing/verdict-store.contract.js';
import { generationTable } from './generation.table.js';
import { RedisVerdictStore } from './redis-verdict-store.js';

const tables = [auditTable, generationTable];
const keys = new CredentialKeys(new Secret(Buffer.alloc(32, 1)));
const NOW = new Date('2026-03-10T00:00:00Z').getTime();
const act = { actor: actor('cli', 'root') };

describeEachDatabase('verdicts on Redis', (makeDatabase) => {
  let server: RedisServer;
  let redis: Redis;
  beforeAll(async () => {
    server = await RedisServer.start();
    redis = new Redis(server.url.href);
  });
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });

  async function opened(now = NOW) {
    await redis.flushall();
    const { database, another, remove } = await makeDatabase(tables);
    const clock = fixedClock(new Date(now));
    const log = new RecordedLog();
    const store = new RedisVerdictStore(server.url, database, keys, clock, log);
    const elsewhere = new RedisVerdictStore(server.url, await another(), keys, clock, log);
    const close = async () => {
      await Promise.all([store.close(), elsewhere.close()]);
      await remove();
    };
    return { store, elsewhere, database, clock, log, close };
  }

  describeVerdictStore('Redis', async () => {
    const { store, elsewhere, close } = await opened(-MINUTE); // its verdicts are of 1970
    return { store, elsewhere, arrive: () => store.flush(), close };
  });

  describe('RedisVerdictStore', () => {
    const verdict = (checkedAt = NOW) => ({
      checkedAt,
      freshUntil: NOW + MINUTE,
      usableUntil: NOW + 2 * MINUTE,
      validUntil: undefined,
    });
    const owner = (name: string, generation: number, systemId = name) => ({
      key: name as VerdictKey,
      systemId: systemId as SystemId,
      generation,
    });
    let made: Awaited<ReturnType<typeof opened>>;
    beforeEach(async () => {
      made = await opened();
    });
    afterEach(() => made.close());
    const saved = async (name: string, kept = verdict()) => {
      made.store.save(owner(name, await made.store.generation()), kept);
      await made.store.flush();
    };
    const found = async (name: string) => made.elsewhere.find(name as VerdictKey, await made.elsewhere.generation());

    it('keeps keyed hashes only, all under one beginning, and nothing for ever (T-116, I-20)', async () => {
      const credentials = { edition: 'enterprise', systemId: 'canary' as SystemId, secret: 'canary-secret' } as const;
      const key = keys.verdict(credentials);
      made.store.save({ key, systemId: credentials.systemId, generation: await made.store.generation() }, verdict());
      await made.store.flush();
      await made.store.forget('canary-two' as SystemId, new Date(NOW), act);
      const names = await redis.keys('*');
      expect(names).toHaveLength(3);
      for (const name of names) {
        expect(name).toMatch(/^parceler:(verdict|system|barrier):/);
        expect(await redis.pttl(name)).toBeGreaterThan(0);
      }
      const values = [await redis.get(`parceler:verdict:${key}`), ...names];
      expect(JSON.stringify(values)).not.toContain('canary');
      expect(await redis.pttl(`parceler:verdict:${key}`)).toBeLessThanOrEqual(2 * MINUTE);
    });

    it('does not write what is over, nor a yes over a later one (I-18)', async () => {
      await saved('over', { ...verdict(), usableUntil: NOW });
      await saved('later', verdict(NOW - 1));
      await saved('later', verdict(NOW - 2));
      expect(await found('over')).toBeUndefined();
      expect(await found('later')).toEqual(verdict(NOW - 1));
    });

    it('is empty when Redis was flushed: nothing is believed, nothing fails (T-114)', async () => {
      await saved('one');
      await redis.flushall();
      expect(await found('one')).toBeUndefined();
      expect(await made.store.forget('one' as SystemId, new Date(NOW), act)).toBe(0);
      await saved('one');
      expect(await found('one')).toEqual(verdict());
    });

    it('keeps out an answer that was asked for before its system was forgotten (I-17)', async () => {
      const generation = await made.store.generation();
      const lateAnswer = new RedisVerdictStore(server.url, staleGeneration(generation), keys, made.clock, made.log);
      await made.elsewhere.forget('one' as SystemId, new Date(NOW), act);
      lateAnswer.save(owner('one', generation), verdict());
      lateAnswer.save(owner('other', generation), verdict());
      await lateAnswer.close();
      expect(await found('one')).toBeUndefined();
      expect(await found('other')).toEqual(verdict());
    });

    it.each([
      '{}',
      '{"at":1,"fresh":"soon","usable":3}',
      '{"at":1,"fresh":2}',
      '{"at":1,"fresh":2,"usable":3,"valid":"x"}',
    ])('does not believe the entry %s (I-28)', async (entry) => {
      await redis.set('parceler:verdict:one', entry);
      expect(await found('one')).toBeUndefined();
    });

    it('records who made the system be forgotten (I-30), and says so when it cannot be done', async () => {
      await saved('one');
      const generation = await made.store.generation();
      server.signal('SIGSTOP');
      await expect(made.store.forget('one' as SystemId, new Date(NOW), act)).rejects.toMatchObject({
        kind: 'unavailable',
        code: 'VERDICT_STORE_UNAVAILABLE',
      });
      server.signal('SIGCONT');
      expect(await made.store.generation()).toBe(generation);
      const forget = () => made.store.forget('one' as SystemId, new Date(NOW), act);
      await until(() =>
        forget().then(
          () => true,
          () => false,
        ),
      );
      expect(await found('one')).toBeUndefined();
      expect(await made.database.read((manager) => manager.find(auditTable))).toMatchObject([
        { actor: 'cli:root', action: 'forget-system', subject: 'system:one' },
      ]);
    });

    it('serves from memory while Redis stands still, and asks for others without waiting long (I-24, T-114)', async () => {
      const authority = new ScriptedAuthority({ kind: 'entitled', until: undefined });
      const { check } = startCheck(authority, { store: made.store, clock: made.clock, log: made.log });
      const ask = async (systemId: string) =>
        (await check.run({ edition: 'enterprise', systemId: systemId as SystemId, secret: 'secret' })).kind;
      expect(await ask('one')).toBe('entitled');
      server.signal('SIGSTOP');
      const began = performance.now();
      expect(await ask('one')).toBe('entitled');
      expect(performance.now() - began).toBeLessThan(200);
      for (let i = 0; i < 50; i += 1) expect(await ask(`new-${String(i)}`)).toBe('entitled');
      expect(performance.now() - began).toBeLessThan(2_500);
      server.signal('SIGCONT');
      expect(authority.asked).toHaveLength(51);
      expect(made.log.of('verdict store failed')).toHaveLength(1);
    });
  });
});

/** A database that another process has not heard of the last generation from. */
const staleGeneration = (generation: number) =>
  ({ read: async () => generation }) as unknown as ConstructorParameters<typeof RedisVerdictStore>[1];
