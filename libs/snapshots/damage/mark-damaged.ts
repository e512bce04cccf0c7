import { type Act } from '#libs/kernel/actor.js';
import { type Clock } from '#libs/kernel/clock.js';
import { type SnapshotId } from '#libs/kernel/ids.js';
import { type Repository } from '#libs/repositories/repository.js';
import { type Disk } from '#libs/storage/disk.js';
import { diskIsOurs } from '#libs/storage/disk-marker.js';

import { checkBlob } from './check-blob.js';
import { type RepairBlob } from './repair-blob.js';
import { goesOn } from './goes-on.js';
import { type ListedFile, type Snapshot } from '../snapshot.js';
import { completeOnes, freezeAt } from '../stable-snapshot.js';
import { type SnapshotIndex } from '../snapshot-index.js';

export interface DamageReport {
  readonly repository: Repository;
  readonly snapshot: SnapshotId;
  readonly path: string;
  readonly act: Act;
  readonly signal: AbortSignal;
}

/**
 * `none`: the content is whole, or not listed, or the disk is not mounted · `repaired`: it was brought back ·
 * `marked`: these snapshots are served no more · `kept`: marked were all that have the damage but one, since somebody
 * froze the repository to it, or since no other one could be served in its place.
 */
export interface Damage {
  readonly kind: 'none' | 'repaired' | 'marked' | 'kept';
  readonly marked: readonly SnapshotId[];
}

const NONE: Damage = { kind: 'none', marked: [] };

/** Deals with content that could not be delivered: brings it back, or lets a snapshot that is whole be served (trust T-38). */
export class MarkDamaged {
  constructor(
    private readonly disk: Disk,
    private readonly index: SnapshotIndex,
    private readonly repairBlob: RepairBlob,
    private readonly clock: Clock,
  ) {}

  /** @throws AppError `BLOBS_BUSY`, and those of the disk */
  async run({ repository, snapshot: id, path, act, signal }: DamageReport): Promise<Damage> {
    const { snapshots, catalog } = this.index;
    const snapshot = await snapshots.find(repository.name, id);
    const file = snapshot && (await catalog.find(repository.name, snapshot.sequence, path));
    if (file === undefined || (await checkBlob(this.disk, file, signal)) === 'sound') return NONE;
    if (!(await diskIsOurs(this.disk))) return NONE;
    if (await this.repairBlob.run(repository, file, signal)) return { kind: 'repaired', marked: [] };
    return this.mark(repository, file, act);
  }

  private async mark(repository: Repository, file: ListedFile, act: Act): Promise<Damage> {
    const { name } = repository;
    const complete = completeOnes(await this.index.snapshots.list(name));
    const damaged: Snapshot[] = [];
    for (const snapshot of complete) {
      const listed = await this.index.catalog.find(name, snapshot.sequence, file.path);
      if (listed?.sha256 === file.sha256) damaged.push(snapshot);
    }
    const frozenTo = freezeAt(repository, this.clock.now())?.snapshot;
    const kept = goesOn(complete, damaged, frozenTo);
    const marked: SnapshotId[] = [];
    for (const { id } of damaged) {
      if (id === kept) continue;
      const note = `The content of "${file.path}" is missing or wrong.`;
      if (await this.index.snapshots.move(name, id, 'complete', 'damaged', { ...act, note })) marked.push(id);
    }
    return { kind: kept === undefined ? 'marked' : 'kept', marked };
  }
}
