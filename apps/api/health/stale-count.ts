import { lasts, type Clock } from '#libs/kernel/clock.js';
import { SECOND } from '#libs/kernel/duration.js';
import { SingleFlight } from '#libs/kernel/single-flight.js';
import { type FindStaleRepositories } from '#libs/syncing/schedule/find-stale-repositories.js';

/** Anybody may ask, as often as he likes. */
const KEPT_MS = 30 * SECOND;

/** How many repositories are stale; which ones is nothing for strangers. */
export class StaleCount {
  private readonly flights = new SingleFlight<'count', number>();
  private known: { readonly count: number; readonly since: number } | undefined;

  constructor(
    private readonly findStale: Pick<FindStaleRepositories, 'run'>,
    private readonly clock: Clock,
  ) {}

  /** `undefined` while the database does not answer. */
  async get(): Promise<number | undefined> {
    const now = this.clock.now().getTime();
    if (this.known !== undefined && lasts(this.known.since, KEPT_MS, now)) return this.known.count;
    try {
      const count = await this.flights.run('count', async () => (await this.findStale.run()).length);
      this.known = { count, since: now };
      return count;
    } catch {
      return undefined; // that the database is not there is told by readiness
    }
  }
}
