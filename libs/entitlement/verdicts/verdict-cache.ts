import { LRUCache } from 'lru-cache';

import { lasts } from '#libs/kernel/clock.js';
import { MINUTE } from '#libs/kernel/duration.js';
import { messageOf } from '#libs/kernel/errors.js';
import { type SampledLog } from '#libs/observability/sampled-log.js';

import { type VerdictKey } from '../credential-keys.js';
import { type KeptVerdict } from './kept-verdict.js';
import { type VerdictOwner, type VerdictStore } from './verdict-store.js';

/** What is known of credentials: a yes that may be old, or a no that still counts. */
export type Known =
  | {
      readonly kind: 'yes';
      readonly kept: KeptVerdict;
      /** When the authority gave no answer: not to be asked again for a moment. */
      readonly quietSince: number;
    }
  | {
      readonly kind: 'no';
      readonly since: number;
      /** Whether a later yes would stand in the shared store; and the version of it in which there was none. */
      readonly shared: boolean;
      readonly version: number | undefined;
    };

export interface CacheLimits {
  readonly yeses: number;
  /** Apart from the yeses, so that guessing secrets evicts no good appliance (trust T-117). */
  readonly noes: number;
}

/** A no counts that long: enough to stop an appliance that repeats itself, short enough for one that was just paid for. */
const NO_COUNTS_FOR = MINUTE;

/** How the answer to a question is looked up and kept. */
export interface Place {
  readonly key: VerdictKey;
  /** Whether the yes is also kept in the shared store. */
  readonly shared: boolean;
}

/**
 * Verdicts in memory, in front of the shared store. A look into memory waits for nothing; it is only believed while the
 * store's version says that nobody changed anything, so a system forgotten by any process is forgotten here at once. One
 * whose yes another process has heard is refused no longer once the version moves, within a minute at the latest.
 */
export class VerdictCache {
  private readonly yeses: LRUCache<VerdictKey, Known & { kind: 'yes' }>;
  private readonly noes: LRUCache<VerdictKey, Known & { kind: 'no' }>;
  private seenVersion: number | undefined;
  private catchingUp: Promise<void> | undefined;
  private currentGeneration = 0;

  constructor(
    private readonly store: VerdictStore,
    private readonly log: SampledLog,
    limits: CacheLimits = { yeses: 100_000, noes: 10_000 },
  ) {
    this.yeses = new LRUCache({ max: limits.yeses });
    this.noes = new LRUCache({ max: limits.noes });
  }

  /** To be given back with an answer: one that was asked for in an older generation is not kept. */
  get generation(): number {
    return this.currentGeneration;
  }

  /** Whether memory may be believed as it is. */
  isCurrent(): boolean {
    return this.version() === this.seenVersion;
  }

  /** Makes memory current; a store that fails leaves it as it is (trust I-24). */
  async catchUp(): Promise<void> {
    // A reading that was under way when we came may have missed what made us come, the one after it cannot.
    for (let tries = 0; tries < 2 && !this.isCurrent(); tries += 1) {
      this.catchingUp ??= this.readGeneration().finally(() => (this.catchingUp = undefined));
      await this.catchingUp;
    }
  }

  peek(key: VerdictKey, now: number): Known | undefined {
    const yes = this.yeses.get(key);
    if (yes !== undefined) return yes;
    const no = this.countingNo(key, now);
    return no?.shared && no.version !== this.seenVersion ? undefined : no;
  }

  /** What is in the store or, when that is newer, in memory. A store that fails is as good as an empty one. */
  async load({ key, shared }: Place, now: number): Promise<Known | undefined> {
    const [generation, version] = [this.currentGeneration, this.seenVersion];
    const stored = shared ? await this.orNothing(() => this.store.find(key, generation)) : undefined;
    if (generation !== this.currentGeneration) return undefined;
    const no = this.countingNo(key, now);
    if (no !== undefined && (stored === undefined || stored.checkedAt < no.since)) {
      const stillNo = { ...no, version };
      this.noes.set(key, stillNo); // looked up once for each version
      return stillNo;
    }
    const yes = this.yeses.get(key);
    if (stored === undefined || (yes !== undefined && stored.checkedAt <= yes.kept.checkedAt)) return yes;
    return this.putYes(key, stored);
  }

  keepYes(owner: VerdictOwner, kept: KeptVerdict, shared: boolean): void {
    if (owner.generation !== this.currentGeneration) return;
    this.putYes(owner.key, kept);
    if (shared) this.store.save(owner, kept);
  }

  async keepNo({ key, shared }: Place, since: number, generation: number): Promise<void> {
    if (generation !== this.currentGeneration) return;
    const wasYes = this.yeses.delete(key);
    this.noes.set(key, { kind: 'no', since, shared, version: this.seenVersion });
    if (wasYes && shared) await this.orNothing(() => this.store.remove(key)); // wrong guesses write nothing (trust I-23)
  }

  /** No more questions about this yes for a moment. */
  quieten(key: VerdictKey, quietSince: number): void {
    const known = this.yeses.peek(key);
    if (known !== undefined) this.yeses.set(key, { ...known, quietSince });
  }

  private putYes(key: VerdictKey, kept: KeptVerdict): Known {
    const yes = { kind: 'yes', kept, quietSince: -Infinity } as const;
    this.noes.delete(key);
    this.yeses.set(key, yes);
    return yes;
  }

  private countingNo(key: VerdictKey, now: number): (Known & { kind: 'no' }) | undefined {
    const no = this.noes.get(key);
    return no !== undefined && lasts(no.since, NO_COUNTS_FOR, now) ? no : undefined;
  }

  private async readGeneration(): Promise<void> {
    const version = this.version(); // before the generation: what changes in between is seen next time
    const generation = await this.orNothing(() => this.store.generation());
    if (generation === undefined) return;
    if (generation !== this.currentGeneration) {
      this.currentGeneration = generation;
      this.yeses.clear();
      this.noes.clear();
    }
    this.seenVersion = version;
  }

  /** A database that is down changes nothing: what is in memory goes on to count (trust I-24). */
  private version(): number | undefined {
    try {
      return this.store.version();
    } catch {
      return this.seenVersion;
    }
  }

  private async orNothing<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      const line = { level: 'warn', message: 'verdict store failed', kind: '' } as const;
      this.log.write(line, () => ({ error: messageOf(error) }));
      return undefined;
    }
  }
}
