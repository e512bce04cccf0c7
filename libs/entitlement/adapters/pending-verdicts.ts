import { messageOf } from '#libs/kernel/errors.js';
import { type Log } from '#libs/observability/log.js';

import { type SystemKey, type VerdictKey } from '../credential-keys.js';
import { type KeptVerdict } from '../verdicts/kept-verdict.js';

export interface PendingVerdict {
  readonly key: VerdictKey;
  readonly systemKey: SystemKey;
  readonly verdict: KeptVerdict;
  /** When the authority was asked. */
  readonly generation: number;
}

/** A herd of appliances is one batch, not thousands of writes. */
const BATCH_DELAY = 50; // ms
const BATCH_SIZE = 1_000; // rows, so that the variables of one statement stay below SQLite's 32,766
const MOST = 50_000;

/** Yeses on their way to the store. */
export class PendingVerdicts {
  private readonly pending = new Map<VerdictKey, PendingVerdict>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly write: (batch: readonly PendingVerdict[]) => Promise<void>,
    private readonly log: Log,
  ) {}

  find(key: VerdictKey, generation: number): KeptVerdict | undefined {
    const found = this.pending.get(key);
    return found?.generation === generation ? found.verdict : undefined;
  }

  add(verdict: PendingVerdict): void {
    if (this.pending.size >= MOST && !this.pending.has(verdict.key)) return; // it is asked for again after a restart
    this.pending.set(verdict.key, verdict);
    this.timer ??= setTimeout(() => void this.flush(), BATCH_DELAY);
  }

  drop(key: VerdictKey): void {
    this.pending.delete(key);
  }

  /** Writes what is waiting. Never rejects: what cannot be written now is tried with the next batch. */
  async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const batch = [...this.pending.values()].slice(0, BATCH_SIZE);
    if (batch.length === 0) return;
    try {
      await this.write(batch);
      for (const written of batch) if (this.pending.get(written.key) === written) this.pending.delete(written.key);
    } catch (error) {
      this.log.warn('verdicts could not be written', { count: batch.length, error: messageOf(error) });
      return;
    }
    await this.flush();
  }
}
