import { type Act } from '#libs/kernel/actor.js';
import { systemClock, type Clock } from '#libs/kernel/clock.js';
import { type RepositoryName, type SnapshotId } from '#libs/kernel/ids.js';
import { leaseLost } from '#libs/persistence/fence.js';
import { type Fence } from '#libs/persistence/lease.js';
import { isFrozen, type Repository } from '#libs/repositories/repository.js';

import { type Sha256 } from '#libs/storage/layout.js';

import { type Catalog } from '../catalog/catalog.js';
import { type Milestone } from '../milestone.js';
import { type NewSnapshot, type Snapshot, type SnapshotState } from '../snapshot.js';
import {
  assertTransition,
  catalogMismatch,
  ENDS_SERVICE,
  snapshotExists,
  type CatalogChange,
  type JoinedAct,
  type MovingAct,
  type Past,
  type PublishingAct,
  type SnapshotStore,
  type StateChange,
} from '../snapshot-store.js';
import { bySequence } from '../stable-snapshot.js';
import { InMemoryCatalog, type FileList } from './in-memory-catalog.js';

interface Shelf {
  lastSequence: number;
  milestone: Milestone | undefined;
  snapshots: readonly Snapshot[];
  /** The latest first. */
  changes: readonly StateChange[];
  readonly lists: Map<number, FileList>;
  /** By the manifest's hash. */
  readonly pasts: Map<string, Past>;
}

/** Who knows what is frozen. */
export interface Freezes {
  find(name: RepositoryName): Promise<Pick<Repository, 'freeze'> | undefined>;
}

export interface AuditedAct {
  readonly action: string;
  readonly subject: string;
  readonly act: Act;
}

/** A snapshot store that forgets with the process. Unlike the database it takes snapshots of any repository. */
export class InMemorySnapshotStore implements SnapshotStore {
  readonly catalog: Catalog;
  readonly audit: AuditedAct[] = [];
  private readonly shelves = new Map<RepositoryName, Shelf>();
  private readonly lists = new Map<RepositoryName, Map<number, FileList>>();
  private readonly happenings = new Map<'publish' | 'move', () => Promise<unknown>>();

  /** @param holds whether a fence still holds; by default every one does */
  constructor(
    private readonly holds: (fence: Fence) => boolean = () => true,
    private readonly clock: Clock = systemClock,
    private readonly repositories: Freezes = { find: () => Promise.resolve(undefined) },
  ) {
    this.catalog = new InMemoryCatalog(this.lists);
  }

  /** Lets something happen, or go wrong, just before the next publication or move. */
  beforeNext(what: 'publish' | 'move', happens: () => Promise<unknown>): void {
    this.happenings.set(what, happens);
  }

  list(repository: RepositoryName): Promise<readonly Snapshot[]> {
    return Promise.resolve(this.shelf(repository).snapshots);
  }

  find(repository: RepositoryName, id: SnapshotId): Promise<Snapshot | undefined> {
    return Promise.resolve(this.shelf(repository).snapshots.find((snapshot) => snapshot.id === id));
  }

  lastSequence(repository: RepositoryName): Promise<number> {
    return Promise.resolve(this.shelf(repository).lastSequence);
  }

  async publish(snapshot: NewSnapshot, changes: Iterable<CatalogChange>, act: PublishingAct): Promise<void> {
    await this.happen('publish');
    await this.assertFence(act.fence);
    const shelf = this.shelf(snapshot.repository);
    if (snapshot.sequence <= shelf.lastSequence || shelf.snapshots.some(({ id }) => id === snapshot.id)) {
      throw snapshotExists(snapshot);
    }
    const list = changed(shelf.lists.get(shelf.lastSequence) ?? new Map(), changes);
    if (list.size !== snapshot.files) throw catalogMismatch(snapshot, list.size);
    const before = { ...shelf, pasts: new Map(shelf.pasts) };
    shelf.lists.set(snapshot.sequence, list);
    shelf.lastSequence = snapshot.sequence;
    this.put(shelf, { ...snapshot, run: act.run }, act.since);
    if (act.since === undefined) this.record('publish-snapshot', snapshot, undefined, act);
    try {
      await act.together?.();
    } catch (error) {
      shelf.lists.delete(snapshot.sequence);
      Object.assign(shelf, before);
      throw error;
    }
    this.dropUnneeded(shelf);
  }

  async rebuild(repository: RepositoryName, fence: Fence, act: Act, publishAll: () => Promise<void>): Promise<void> {
    await this.assertFence(fence);
    const shelf = this.shelf(repository);
    const before = { ...shelf, pasts: new Map(shelf.pasts) };
    const lists = new Map(shelf.lists);
    shelf.snapshots = [];
    shelf.lists.clear();
    shelf.lastSequence = 0;
    try {
      await publishAll();
    } catch (error) {
      shelf.lists.clear();
      for (const [sequence, list] of lists) shelf.lists.set(sequence, list);
      Object.assign(shelf, before);
      throw error;
    }
    const list = shelf.lists.get(shelf.lastSequence) ?? new Map();
    shelf.lastSequence = Math.max(shelf.lastSequence, before.lastSequence);
    shelf.lists.set(shelf.lastSequence, list); // what the next publication is relative to
    this.audit.push({ action: 'rebuild-index', subject: `repository:${repository}`, act });
  }

  async supersedeBefore(repository: RepositoryName, milestone: Milestone, act: Act): Promise<readonly SnapshotId[]> {
    const shelf = this.shelf(repository);
    shelf.milestone = milestone;
    const superseded: SnapshotId[] = [];
    for (const older of shelf.snapshots) {
      if (older.sequence >= milestone.sequence || older.state !== 'complete') continue;
      if (await this.move(repository, older.id, 'complete', 'superseded', act)) superseded.push(older.id);
    }
    return superseded;
  }

  lastMilestone(repository: RepositoryName): Promise<Milestone | undefined> {
    return Promise.resolve(this.shelf(repository).milestone);
  }

  pastOf(repository: RepositoryName, id: SnapshotId, manifestSha256: Sha256): Promise<Past> {
    return Promise.resolve(this.shelf(repository).pasts.get(`${id} ${manifestSha256}`) ?? { kind: 'unpublished' });
  }

  async readmit(
    snapshot: NewSnapshot,
    changes: Iterable<CatalogChange>,
    fence: Fence,
    act: JoinedAct,
  ): Promise<boolean> {
    await this.assertFence(fence);
    const shelf = this.shelf(snapshot.repository);
    const { sequence, id } = snapshot;
    if (sequence > shelf.lastSequence) return false;
    if (shelf.snapshots.some((each) => each.id === id || each.sequence === sequence)) return false;
    const list = changed(shelf.lists.get(sequence) ?? new Map(), changes);
    if (list.size !== snapshot.files) throw catalogMismatch(snapshot, list.size);
    shelf.lists.set(sequence, list);
    this.put(shelf, snapshot);
    this.record('readmit-snapshot', snapshot, 'removing', act);
    await act.together?.();
    return true;
  }

  async move(
    repository: RepositoryName,
    id: SnapshotId,
    from: SnapshotState,
    to: SnapshotState,
    { note, gone = false, ...act }: MovingAct,
  ): Promise<boolean> {
    assertTransition(id, from, to);
    await this.happen('move');
    if (ENDS_SERVICE.has(to) && !gone && (await this.isFrozenTo(repository, id))) return false;
    const shelf = this.shelf(repository);
    const snapshot = shelf.snapshots.find((each) => each.id === id);
    if (snapshot?.state !== from) return false;
    const moved = { ...snapshot, state: to, stateSince: this.clock.now(), note };
    shelf.snapshots = shelf.snapshots.map((each) => (each.id === id ? moved : each));
    if (to === 'removing')
      shelf.pasts.set(pastKey(snapshot), gone ? { kind: 'vanished', state: from, since: this.clock.now() } : REMOVED);
    this.record('move-snapshot', snapshot, from, act);
    return true;
  }

  stateChanges(repository: RepositoryName, since: Date): Promise<readonly StateChange[]> {
    const { snapshots, changes } = this.shelf(repository);
    const isThere = (id: SnapshotId): boolean => snapshots.some((snapshot) => snapshot.id === id);
    return Promise.resolve(changes.filter(({ at, snapshot }) => at >= since && isThere(snapshot)));
  }

  forget(repository: RepositoryName, id: SnapshotId): Promise<void> {
    const shelf = this.shelf(repository);
    shelf.snapshots = shelf.snapshots.filter((each) => each.id !== id || each.state !== 'removing');
    this.dropUnneeded(shelf);
    return Promise.resolve();
  }

  async forgetAll({ name }: Pick<Repository, 'id' | 'name'>, fence: Fence): Promise<void> {
    await this.assertFence(fence);
    const shelf = this.shelf(name);
    shelf.snapshots = [];
    shelf.lists.clear();
  }

  private async happen(what: 'publish' | 'move'): Promise<void> {
    const happens = this.happenings.get(what);
    this.happenings.delete(what);
    await happens?.();
  }

  private async isFrozenTo(name: RepositoryName, id: SnapshotId): Promise<boolean> {
    const repository = await this.repositories.find(name);
    return repository?.freeze?.snapshot === id && isFrozen(repository, this.clock.now());
  }

  private shelf(repository: RepositoryName): Shelf {
    const known = this.shelves.get(repository);
    if (known) return known;
    const shelf: Shelf = {
      lastSequence: 0,
      milestone: undefined,
      snapshots: [],
      changes: [],
      lists: new Map(),
      pasts: new Map(),
    };
    this.shelves.set(repository, shelf);
    this.lists.set(repository, shelf.lists);
    return shelf;
  }

  private put(
    shelf: Shelf,
    snapshot: NewSnapshot & { readonly run?: number | undefined },
    stateSince = this.clock.now(),
  ): void {
    const { run } = snapshot;
    shelf.snapshots = [...shelf.snapshots, { ...snapshot, run, stateSince }].sort(bySequence);
    shelf.pasts.set(pastKey(snapshot), REMOVED); // as when it goes with its whole repository
  }

  private dropUnneeded({ snapshots, lastSequence, lists }: Shelf): void {
    const needed = new Set([lastSequence, ...snapshots.map(({ sequence }) => sequence)]);
    for (const sequence of lists.keys()) if (!needed.has(sequence)) lists.delete(sequence);
  }

  private record(
    action: string,
    { repository, id }: Pick<Snapshot, 'repository' | 'id'>,
    before: SnapshotState | undefined,
    act: Act,
  ): void {
    this.audit.push({ action, subject: `snapshot:${repository}/${id}`, act });
    const shelf = this.shelf(repository);
    shelf.changes = [{ at: this.clock.now(), snapshot: id, before }, ...shelf.changes];
  }

  private assertFence(fence: Fence): Promise<void> {
    return this.holds(fence) ? Promise.resolve() : Promise.reject(leaseLost(fence.name));
  }
}

const REMOVED: Past = { kind: 'removed' };
const pastKey = ({ id, manifestSha256 }: NewSnapshot): string => `${id} ${manifestSha256}`;

function changed(list: FileList, changes: Iterable<CatalogChange>): FileList {
  const next = new Map(list);
  for (const { path, file } of changes) {
    if (file) next.set(path, file);
    else next.delete(path);
  }
  return next;
}
