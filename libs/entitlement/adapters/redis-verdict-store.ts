import { type Act } from '#libs/kernel/actor.js';
import { type Clock } from '#libs/kernel/clock.js';
import { HOUR } from '#libs/kernel/duration.js';
import { type SystemId } from '#libs/kernel/ids.js';
import { type Log } from '#libs/observability/log.js';
import { recordAudit } from '#libs/persistence/audit.js';
import { type Database } from '#libs/persistence/database.js';

import { type CredentialKeys, type SystemKey, type VerdictKey } from '../credential-keys.js';
import { type KeptVerdict } from '../verdicts/kept-verdict.js';
import { type VerdictOwner, type VerdictStore } from '../verdicts/verdict-store.js';
import { beginGeneration, currentGeneration } from './generation.table.js';
import { PendingVerdicts, type PendingVerdict } from './pending-verdicts.js';
import * as lua from './redis-verdict-store.lua.js';
import { RedisVerdicts } from './redis-verdicts.js';

const verdictAt = (key: VerdictKey): string => `parceler:verdict:${key}`;
const systemAt = (key: SystemKey): string => `parceler:system:${key}`;
const barrierAt = (key: SystemKey): string => `parceler:barrier:${key}`;

/** No answer of an authority is under way for so long. */
const BARRIER_MS = HOUR;

/** What is kept, in as few bytes as can be read by people. */
interface Entry {
  readonly at: number;
  readonly fresh: number;
  readonly usable: number;
  readonly valid?: number | undefined;
  readonly system: SystemKey;
}

/**
 * Verdicts in a Redis that may lose them at any time: then authorities are asked again. Generations and the audit stay
 * in the database.
 *
 * A system that is forgotten has a barrier in Redis, which keeps answers out that were asked for before. The barrier is
 * raised before the generation moves on: between the two only that system's new answers are not kept.
 */
export class RedisVerdictStore implements VerdictStore {
  private readonly pending: PendingVerdicts;
  private readonly redis: RedisVerdicts;

  constructor(
    url: URL,
    private readonly database: Database,
    private readonly keys: CredentialKeys,
    private readonly clock: Clock,
    log: Log,
  ) {
    this.redis = new RedisVerdicts(url);
    this.pending = new PendingVerdicts((batch) => this.write(batch), log);
  }

  async find(key: VerdictKey, generation: number): Promise<KeptVerdict | undefined> {
    const pending = this.pending.find(key, generation);
    if (pending !== undefined) return pending;
    const text = await this.redis.ask((redis) => redis.get(verdictAt(key)));
    return text === null ? undefined : toVerdict(text);
  }

  save({ key, systemId, generation }: VerdictOwner, verdict: KeptVerdict): void {
    this.pending.add({ key, systemKey: this.keys.system(systemId), verdict, generation });
  }

  async remove(key: VerdictKey): Promise<void> {
    this.pending.drop(key);
    await this.redis.ask((redis) => redis.del(verdictAt(key)));
  }

  async forget(systemId: SystemId, at: Date, act: Act): Promise<number> {
    await this.pending.flush();
    const systemKey = this.keys.system(systemId);
    const expected = (await this.generation()) + 1;
    const forgotten = await this.drop(systemKey, expected);
    const begun = await this.database.write(async (manager) => {
      await beginGeneration(manager);
      await recordAudit(manager, at, act, { action: 'forget-system', subject: `system:${systemId}` });
      return currentGeneration(manager);
    });
    // Others have begun generations meanwhile, in which answers may have been asked for and kept.
    return begun === expected ? forgotten : forgotten + (await this.drop(systemKey, begun));
  }

  generation(): Promise<number> {
    return this.database.read(currentGeneration);
  }

  version(): number {
    return this.database.version();
  }

  flush(): Promise<void> {
    return this.pending.flush();
  }

  async close(): Promise<void> {
    await this.flush();
    this.redis.close();
  }

  /** All of a system's verdicts; none that was asked for before `generation` is kept from then on. */
  private drop(systemKey: SystemKey, generation: number): Promise<number> {
    const keys = [systemAt(systemKey), barrierAt(systemKey)];
    return this.redis.ask(
      (redis) =>
        redis.eval(
          lua.DROP,
          keys.length,
          ...keys,
          generation,
          BARRIER_MS,
          verdictAt('' as VerdictKey),
        ) as Promise<number>,
    );
  }

  private async write(batch: readonly PendingVerdict[]): Promise<void> {
    const generation = await this.generation();
    const now = this.clock.now().getTime();
    const writes = batch.filter((pending) => pending.generation === generation && pending.verdict.usableUntil > now);
    await this.redis.ask(async (redis) => {
      const pipeline = redis.pipeline();
      for (const { key, systemKey, verdict } of writes) {
        const keys = [verdictAt(key), systemAt(systemKey), barrierAt(systemKey)];
        const lastsMs = Math.ceil(verdict.usableUntil - now);
        pipeline.eval(
          lua.KEEP,
          keys.length,
          ...keys,
          JSON.stringify(toEntry(systemKey, verdict)),
          lastsMs,
          key,
          generation,
        );
      }
      for (const [error] of (await pipeline.exec()) ?? []) if (error !== null) throw error;
    });
  }
}

const toEntry = (system: SystemKey, verdict: KeptVerdict): Entry => ({
  at: verdict.checkedAt,
  fresh: verdict.freshUntil,
  usable: verdict.usableUntil,
  valid: verdict.validUntil,
  system,
});

/** What is not as we have written it is as good as nothing (trust I-28). */
function toVerdict(text: string): KeptVerdict | undefined {
  const { at, fresh, usable, valid } = JSON.parse(text) as Partial<Entry>;
  const isWhole = [at, fresh, usable, valid ?? 0].every(Number.isFinite);
  if (!isWhole || at === undefined || fresh === undefined || usable === undefined) return undefined;
  return { checkedAt: at, freshUntil: fresh, usableUntil: usable, validUntil: valid };
}
