import { type Act } from '#libs/kernel/actor.js';
import { type Clock } from '#libs/kernel/clock.js';
import { type SnapshotId } from '#libs/kernel/ids.js';
import { type Repository } from '#libs/repositories/repository.js';
import { type Disk } from '#libs/storage/disk.js';
import { diskIsOurs } from '#libs/storage/disk-marker.js';

import { checkBlob } from './check-blob.js';
import { type RepairBlob } from './repair-blob.js';
import { type SnapshotIndex } from '../snapshot-index.js';
import { damageByLoss, takeOutOfService } from './take-out-of-service.js';

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
    const { marked, kept } = await takeOutOfService(snapshots, repository, damageByLoss(catalog, [file]), {
      act,
      now: this.clock.now(),
    });
    return { kind: kept === undefined ? 'marked' : 'kept', marked };
  }
}
