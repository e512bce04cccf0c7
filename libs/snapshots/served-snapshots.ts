import { type Clock } from '#libs/kernel/clock.js';
import { type RepositoryName } from '#libs/kernel/ids.js';
import { messageOf } from '#libs/kernel/errors.js';
import { SingleFlight } from '#libs/kernel/single-flight.js';
import { type Log } from '#libs/observability/log.js';
import { type RepositoryStore } from '#libs/repositories/repository-store.js';
import { type Repository } from '#libs/repositories/repository.js';

import { nextChange } from './release-calendar.js';
import { type SnapshotStore } from './snapshot-store.js';
import { type Snapshot } from './snapshot.js';
import { stableSnapshot, type Served } from './stable-snapshot.js';

/** Stays the same object for as long as the same is served for the same reason. */
export interface ServedRepository {
  readonly repository: Repository;
  /** `undefined` while it has no complete snapshot. */
  readonly served: Served | undefined;
}

/** How to notice cheaply that what is served may have changed. */
export interface ChangeFeed {
  /** Differs whenever anything was committed, by any process. Asked at each request. */
  version(): number;
  /** Grows with each change of a repository or snapshot. Asked when the version differs. */
  lastChange(): Promise<number>;
}

interface Entry {
  readonly repository: Repository;
  readonly snapshots: readonly Snapshot[];
  /** The last change that it knows of. */
  readonly change: number;
  readonly answer: ServedRepository;
  /** The answer holds from this instant, in ms since 1970, … */
  readonly from: number;
  /** … up to, but not including, this one. */
  readonly until: number;
}

interface Names {
  readonly change: number;
  readonly all: ReadonlySet<RepositoryName>;
}

/** Reads between which something was committed are done again, this often at most. */
const READS = 3;

/**
 * What each repository serves now, kept in memory for whoever answers requests.
 *
 * A commit by any process is noticed at the next request (trust T-12). While the database does not answer, what was known
 * last goes on being served, and time goes on deciding (trust I-24).
 */
export class ServedSnapshots {
  private readonly entries = new Map<RepositoryName, Entry>();
  private readonly catchingUp = new SingleFlight<number | undefined, number>();
  private readonly readingNames = new SingleFlight<number, Names>();
  private readonly reading = new SingleFlight<string, Entry | undefined>();
  private seen: { readonly version: number; readonly change: number } | undefined;
  private names: Names | undefined;
  private isCutOff = false;

  constructor(
    private readonly stores: { readonly repositories: RepositoryStore; readonly snapshots: SnapshotStore },
    private readonly changes: ChangeFeed,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /**
   * What the repository serves, `undefined` when there is none of that name. It is a promise only when the database has
   * to be asked: after a change, and never for names that do not exist (trust T-138).
   */
  get(name: RepositoryName): ServedRepository | undefined | Promise<ServedRepository | undefined> {
    const version = this.version();
    if (version !== undefined && version === this.seen?.version) return this.lookUp(name, this.seen.change);
    return this.catchUp(version).then(
      (change) => this.lookUp(name, change),
      (error: unknown) => this.lastKnown(name, error),
    );
  }

  private lookUp(
    name: RepositoryName,
    change: number,
  ): ServedRepository | undefined | Promise<ServedRepository | undefined> {
    const entry = this.entries.get(name);
    if (entry !== undefined && entry.change >= change) return this.answerOf(entry);
    if (entry === undefined && this.names !== undefined && this.names.change >= change && !this.names.all.has(name)) {
      return undefined;
    }
    return this.refresh(name, change).catch((error: unknown) => this.lastKnown(name, error));
  }

  private async refresh(name: RepositoryName, change: number): Promise<ServedRepository | undefined> {
    if (!this.entries.has(name) && !(await this.namesAt(change)).has(name)) return undefined;
    const entry = await this.reading.run(`${name}@${String(change)}`, () => this.read(name, change));
    this.reconnected();
    return entry && this.answerOf(entry);
  }

  /** Reads a repository and its snapshots as they are at one instant. */
  private async read(name: RepositoryName, change: number): Promise<Entry | undefined> {
    for (let attempt = 1; ; attempt += 1) {
      const version = this.version();
      const repository = await this.stores.repositories.find(name);
      const snapshots = repository ? await this.stores.snapshots.list(name) : [];
      if (version !== this.version() && attempt < READS) continue;
      if (repository) return this.remember(repository, snapshots, change);
      this.entries.delete(name);
      return undefined;
    }
  }

  private remember(repository: Repository, snapshots: readonly Snapshot[], change: number): Entry {
    const known = this.entries.get(repository.name);
    if (known !== undefined && known.change > change) return known; // an older read that took longer
    const now = this.clock.now();
    const entry: Entry = {
      repository,
      snapshots,
      change,
      answer: { repository, served: stableSnapshot(snapshots, repository, now) },
      from: now.getTime(),
      until: nextChange(snapshots, repository, now)?.getTime() ?? Infinity,
    };
    this.entries.set(repository.name, entry);
    return entry;
  }

  private answerOf(entry: Entry): ServedRepository {
    const now = this.clock.now().getTime();
    // Outside its time, also when a clock was set back, only the rule has to be asked again.
    if (now >= entry.from && now < entry.until) return entry.answer;
    return this.remember(entry.repository, entry.snapshots, entry.change).answer;
  }

  private async namesAt(change: number): Promise<ReadonlySet<RepositoryName>> {
    if (this.names !== undefined && this.names.change >= change) return this.names.all;
    const names = await this.readingNames.run(change, async () => {
      const repositories = await this.stores.repositories.list();
      return { change, all: new Set(repositories.map(({ name }) => name)) };
    });
    if (this.names === undefined || this.names.change < change) this.names = names;
    return names.all;
  }

  /** The last change at that version or a later one. */
  private catchUp(version: number | undefined): Promise<number> {
    return this.catchingUp.run(version, async () => {
      const change = await this.changes.lastChange();
      if (this.seen !== undefined && change < this.seen.change) this.startOver();
      if (version !== undefined) this.seen = { version, change };
      this.reconnected();
      return change;
    });
  }

  /** The count of changes went back: a backup was restored. */
  private startOver(): void {
    this.entries.clear();
    this.names = undefined;
  }

  private version(): number | undefined {
    try {
      return this.changes.version();
    } catch {
      return undefined; // asking for the last change tells what is wrong
    }
  }

  private lastKnown(name: RepositoryName, error: unknown): ServedRepository {
    const entry = this.entries.get(name);
    if (entry === undefined) throw error;
    if (!this.isCutOff)
      this.log.error('database did not answer; serving what was known last', { error: messageOf(error) });
    this.isCutOff = true;
    return this.answerOf(entry);
  }

  private reconnected(): void {
    if (this.isCutOff) this.log.info('database answers again');
    this.isCutOff = false;
  }
}
