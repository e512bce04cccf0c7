import fc from 'fast-check';

import { HOUR } from '#libs/kernel/duration.js';
import { type RepositoryName, type SnapshotId } from '#libs/kernel/ids.js';
import { fixedClock, type FixedClock } from '#libs/kernel/testing/fixed-clock.js';
import { DatabaseLeases } from '#libs/persistence/adapters/database-leases.js';
import { LONGEST_LEASE, type Fence, type Lease } from '#libs/persistence/lease.js';
import { describeEachDatabase } from '#libs/persistence/testing/each-database.js';
import { type MakeDatabase } from '#libs/persistence/testing/temporary-database.js';
import { DatabaseRepositoryStore } from '#libs/repositories/adapters/database-repository-store.js';
import { getRepository } from '#libs/repositories/get-repository.js';
import { repositoriesTables } from '#libs/repositories/repositories.module.js';
import { type HoldBack, type Repository, type RepositorySettings } from '#libs/repositories/repository.js';
import { type RepositoryStore } from '#libs/repositories/repository-store.js';
import { InMemoryRepositoryStore } from '#libs/repositories/testing/in-memory-repository-store.js';
import { MemoryDisk } from '#libs/storage/adapters/memory-disk.js';
import { manifestKey } from '#libs/storage/layout.js';

import { DatabaseSnapshotStore } from '../adapters/database/database-snapshot-store.js';
import { type SnapshotState } from '../snapshot.js';
import { type SnapshotStore } from '../snapshot-store.js';
import { GRACE_MS } from '../serving-history.js';
import { snapshotsTables } from '../snapshots.module.js';
import { stableSnapshot } from '../stable-snapshot.js';
import { aSnapshot, DEBIAN, idOf } from '../testing/arbitrary-snapshots.js';
import { InMemorySnapshotStore } from '../testing/in-memory-snapshot-store.js';
import { BY_TEST } from '../testing/snapshot-world.js';
import { PruneSnapshots } from './prune-snapshots.js';

const SETTINGS: RepositorySettings = {
  command: 'true',
  sourceFolder: undefined,
  delay: 7,
  holdBack: 'window',
  schedule: undefined,
  editions: ['community'],
};

interface Stores {
  readonly snapshots: SnapshotStore;
  readonly repositories: RepositoryStore;
  /** Of the repository's lease, which is ours from now on for a while. */
  readonly fence: () => Promise<Fence>;
  readonly remove: () => Promise<void>;
}

/** A repository whose snapshots list nothing, and what was served when. */
class History {
  readonly disk = new MemoryDisk();
  /** When each snapshot was last seen to be served, in ms since 1970. */
  private readonly lastServed = new Map<SnapshotId, number>();

  constructor(
    readonly clock: FixedClock,
    private readonly stores: Stores,
  ) {}

  repository = (): Promise<Repository> => getRepository(this.stores.repositories, DEBIAN);
  list = () => this.stores.snapshots.list(DEBIAN);
  left = async () => (await this.list()).map(({ sequence }) => sequence);

  async wait(hours: number): Promise<void> {
    for (let hour = 0; hour < hours; hour += 1) {
      this.clock.advance(HOUR);
      await this.look();
    }
  }

  async publish(): Promise<void> {
    const sequence = (await this.stores.snapshots.lastSequence(DEBIAN)) + 1;
    const { stateSince: _, ...snapshot } = { ...aSnapshot(sequence, 0), takenAt: this.clock.now() };
    await this.disk.write(manifestKey(DEBIAN, snapshot.id), Buffer.from('a manifest'));
    await this.stores.snapshots.publish(snapshot, [], { ...BY_TEST, fence: await this.stores.fence() });
    await this.look();
  }

  async freeze(sequence: number, hours?: number): Promise<void> {
    const at = this.clock.now();
    const until = hours === undefined ? undefined : new Date(at.getTime() + hours * HOUR);
    const freeze = { snapshot: idOf(sequence), at, reason: undefined, until };
    await this.stores.repositories.freeze(DEBIAN, freeze, BY_TEST);
    await this.look();
  }

  async unfreeze(): Promise<void> {
    await this.stores.repositories.unfreeze(DEBIAN, this.clock.now(), BY_TEST);
    await this.look();
  }

  async update(changes: Partial<RepositorySettings>): Promise<void> {
    await this.stores.repositories.update(DEBIAN, changes, this.clock.now(), BY_TEST);
    await this.look();
  }

  delete = (): Promise<void> => this.stores.repositories.markDeleted(DEBIAN, this.clock.now(), BY_TEST);

  async move(sequence: number, from: SnapshotState, to: SnapshotState): Promise<void> {
    await this.stores.snapshots.move(DEBIAN, idOf(sequence), from, to, BY_TEST);
    await this.look();
  }

  /** @param meanwhile what an operator does while it is decided for the first time */
  async prune(meanwhile?: Step): Promise<readonly (readonly [number, string])[]> {
    const { snapshots, repositories } = this.stores;
    let pending = meanwhile;
    const reading = {
      find: async (name: RepositoryName) => {
        const before = await repositories.find(name);
        const act = pending;
        pending = undefined;
        await act?.(this);
        return before;
      },
      policyChanges: repositories.policyChanges.bind(repositories),
    };
    const periods = { graceMs: GRACE_MS, supersededMs: HOUR };
    const pruned = await new PruneSnapshots(this.disk, snapshots, reading, this.clock, periods).run(DEBIAN, BY_TEST);
    return pruned.map(({ snapshot, reason }) => [snapshot.sequence, reason]);
  }

  /** What was seen to be served within the grace period and is not there any more. */
  async missing(): Promise<readonly SnapshotId[]> {
    const there = new Set((await this.list()).map(({ id }) => id));
    const since = this.clock.now().getTime() - GRACE_MS;
    return [...this.lastServed].flatMap(([id, at]) => (at >= since && !there.has(id) ? [id] : []));
  }

  private async look(): Promise<void> {
    const now = this.clock.now();
    const served = stableSnapshot(await this.list(), await this.repository(), now);
    if (served) this.lastServed.set(served.snapshot.id, now.getTime());
    this.clock.advance(1); // no two acts at one instant
  }
}

async function inMemory(clock: FixedClock): Promise<Stores> {
  const repositories = new InMemoryRepositoryStore();
  const snapshots = new InMemorySnapshotStore(undefined, clock, repositories);
  return {
    repositories,
    snapshots,
    fence: async () => ({ name: 'repository:debian', token: 1 }),
    remove: async () => undefined,
  };
}

async function inDatabase(makeDatabase: MakeDatabase, clock: FixedClock): Promise<Stores> {
  const { database, remove } = await makeDatabase([...repositoriesTables, ...snapshotsTables], clock);
  const leases = new DatabaseLeases(database);
  let lease: Lease | undefined;
  const fence = async () => {
    if (lease) await leases.release(lease);
    lease = await leases.acquire('repository:debian', 'test', LONGEST_LEASE);
    if (lease === undefined) throw new Error('nobody else can hold it');
    return lease;
  };
  const repositories = new DatabaseRepositoryStore(database);
  return { repositories, snapshots: new DatabaseSnapshotStore(database, clock), fence, remove };
}

type Step = (history: History) => Promise<unknown>;

const sequence = fc.integer({ min: 1, max: 12 });
const hours = fc.integer({ min: 1, max: 60 });
const state = fc.constantFrom<SnapshotState>('complete', 'damaged', 'superseded');
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: hours.map(
        (count): Step =>
          (history) =>
            history.wait(count),
      ),
    },
    { weight: 4, arbitrary: fc.constant<Step>((history) => history.publish()) },
    { weight: 2, arbitrary: fc.constant<Step>((history) => history.unfreeze()) },
    fc.tuple(sequence, fc.option(hours, { nil: undefined })).map(([to, until]): Step => {
      return (history) => history.freeze(to, until);
    }),
    fc.tuple(fc.constantFrom(0, 1, 3, 7), fc.constantFrom<HoldBack>('window', 'minimum-age')).map(
      ([delay, holdBack]): Step =>
        (history) =>
          history.update({ delay, holdBack }),
    ),
    fc.tuple(sequence, state, state).map(
      ([number, from, to]): Step =>
        (history) =>
          history.move(number, from, to),
    ),
    { weight: 4, arbitrary: fc.constant<Step>((history) => history.prune()) },
  ),
  { minLength: 10, maxLength: 40 },
);

describe('PruneSnapshots in memory', () => pruningIn(inMemory, 150));

describeEachDatabase('PruneSnapshots', (makeDatabase) => {
  pruningIn((clock) => inDatabase(makeDatabase, clock), 10);
});

function pruningIn(makeStores: (clock: FixedClock) => Promise<Stores>, numRuns: number): void {
  async function withHistory<T>(work: (history: History) => Promise<T>): Promise<T> {
    const clock = fixedClock('2026-03-10T12:00:00Z');
    const stores = await makeStores(clock);
    await stores.repositories.add(DEBIAN, SETTINGS, clock.now(), BY_TEST);
    try {
      return await work(new History(clock, stores));
    } finally {
      await stores.remove();
    }
  }

  const withThree = (work: (history: History) => Promise<void>) =>
    withHistory(async (history) => {
      for (let count = 0; count < 3; count += 1) {
        await history.publish();
        await history.wait(1);
      }
      await work(history);
    });

  it('removes what retention drops from the index and the disk, and says why', () =>
    withThree(async (history) => {
      expect(await history.prune()).toEqual([]);
      await history.wait(9 * 24);
      expect(await history.prune()).toEqual([
        [1, 'past-delay'],
        [2, 'past-delay'],
      ]);
      expect(await history.left()).toEqual([3]);
      for (const gone of [1, 2]) expect(await history.disk.stat(manifestKey(DEBIAN, idOf(gone)))).toBeUndefined();
      expect(await history.disk.stat(manifestKey(DEBIAN, idOf(3)))).toBeDefined();
    }));

  it('never removes the frozen one (I-05)', () =>
    withThree(async (history) => {
      await history.freeze(1);
      await history.wait(20 * 24);
      await history.prune();
      expect(await history.left()).toEqual([1, 3]);
    }));

  it('keeps one that is frozen while it decides (I-05)', () =>
    withThree(async (history) => {
      await history.wait(20 * 24);
      expect(await history.prune((at) => at.freeze(1))).toEqual([[2, 'past-delay']]);
      expect(await history.left()).toEqual([1, 3]);
    }));

  it('goes by what an operator changes while it prunes: what is gone does not come back', () =>
    withThree(async (history) => {
      await history.wait(20 * 24);
      expect(await history.prune((at) => at.update({ delay: 30 }))).toEqual([[1, 'past-delay']]);
      expect(await history.left()).toEqual([2, 3]);
    }));

  it('prunes nothing of a repository that was deleted: it is removed whole', () =>
    withThree(async (history) => {
      await history.wait(20 * 24);
      await history.delete();
      expect(await history.prune()).toEqual([]);
    }));

  it.each<[string, Step]>([
    ['unfreezes', (history) => history.unfreeze()],
    ['unfreezes and freezes another one', (history) => history.unfreeze().then(() => history.freeze(2))],
  ])('keeps what was served before an operator %s, for the length of the grace (I-05)', (_what, act) =>
    withThree(async (history) => {
      await history.freeze(1);
      await history.wait(20 * 24);
      await act(history);
      await history.prune();
      expect(await history.left()).toContain(1);
      await history.wait(23);
      await history.prune();
      expect(await history.left()).toContain(1);
      await history.wait(2);
      expect(await history.prune()).toEqual([[1, 'past-delay']]);
    }),
  );

  it('keeps what was served before an operator shortened the delay, for the length of the grace (I-05)', () =>
    withThree(async (history) => {
      await history.update({ delay: 0 });
      expect(await history.prune()).toEqual([[2, 'past-delay']]);
      await history.wait(25);
      expect(await history.prune()).toEqual([[1, 'past-delay']]);
    }));

  it('keeps what was served before it was superseded, for the length of the grace (I-05)', () =>
    withThree(async (history) => {
      await history.move(1, 'complete', 'superseded');
      await history.wait(23);
      expect(await history.prune()).toEqual([]);
      await history.wait(2);
      expect(await history.prune()).toEqual([[1, 'superseded-long-ago']]);
    }));

  it('removes nothing that was served within the grace, whatever was done and when (I-05)', () =>
    fc.assert(
      fc.asyncProperty(steps, (steps) =>
        withHistory(async (history) => {
          for (const step of steps) {
            await step(history).catch(() => undefined); // what cannot be done, such as freezing twice, is not done
            expect(await history.missing()).toEqual([]);
          }
        }),
      ),
      { numRuns },
    ));
}
