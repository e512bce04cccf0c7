import { isDeepStrictEqual } from 'node:util';

import { messageOf } from '#libs/kernel/errors.js';
import { type Log } from '#libs/observability/log.js';

import { type MaintenanceStore } from './maintenance-store.js';
import { type Maintenance } from './maintenance.js';

/** Every process sees within a second that a maintenance has begun or ended. */
const LOOK_MS = 100;

/** How to notice cheaply that something was committed. */
interface Commits {
  /** Differs whenever anything was committed, by any process. */
  version(): number;
}

/**
 * Whether there is a maintenance, for whoever asks at every request. While the database does not answer, what was known
 * last counts.
 */
export class MaintenanceWatch {
  private known: Maintenance | undefined;
  private seen: number | undefined;
  private isCutOff = false;
  private reading = false;
  private timer: NodeJS.Timeout | undefined;
  private listener = (): void => undefined;

  constructor(
    private readonly maintenances: Pick<MaintenanceStore, 'find'>,
    private readonly commits: Commits,
    private readonly log: Log,
  ) {}

  /** The same object for as long as it is the same maintenance with the same answer. Nobody is asked. */
  get current(): Maintenance | undefined {
    return this.known;
  }

  /** Knows afterwards how things stand, and from then on always. */
  async start(): Promise<void> {
    await this.read();
    this.timer = setInterval(() => void this.look(), LOOK_MS).unref();
  }

  /** @param listener told at every change of `current`; one at most */
  onChange(listener: () => void): void {
    this.listener = listener;
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private async look(): Promise<void> {
    if (this.reading) return;
    this.reading = true;
    try {
      if (this.commits.version() !== this.seen) await this.read();
      if (this.isCutOff) this.log.info('maintenance can be looked up again');
      this.isCutOff = false;
    } catch (error) {
      if (this.timer === undefined) return; // the database was closed under it
      if (!this.isCutOff) this.log.warn('maintenance cannot be looked up', { error: messageOf(error) });
      this.isCutOff = true;
    } finally {
      this.reading = false;
    }
  }

  private async read(): Promise<void> {
    const version = this.commits.version(); // first: what is committed while we read is read once more
    const found = await this.maintenances.find();
    this.seen = version;
    if (isDeepStrictEqual(found, this.known)) return;
    this.known = found;
    if (found === undefined) this.log.info('maintenance has ended');
    else this.log.warn('maintenance is on', { since: found.since });
    this.listener();
  }
}
