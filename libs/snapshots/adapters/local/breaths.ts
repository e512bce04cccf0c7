import { setImmediate } from 'node:timers/promises';

/** Work that blocks lets others have their turn after so long: renewals of leases, signals, requests. */
const TURN_MS = 20;

/** Taken between the steps of long work that blocks. */
export class Breaths {
  private until = performance.now() + TURN_MS;

  constructor(private readonly signal?: AbortSignal) {}

  /** @throws the signal's reason, once it is aborted */
  async take(): Promise<void> {
    if (performance.now() < this.until) return;
    await setImmediate();
    this.signal?.throwIfAborted();
    this.until = performance.now() + TURN_MS;
  }
}
