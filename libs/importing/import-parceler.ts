import { randomUUID } from 'node:crypto';
import { dirname } from 'node:path';

import { type AppError, isAppError } from '#libs/kernel/errors.js';
import { type OpenTrees } from '#libs/snapshots/recovery/trees.js';
import { type Disk } from '#libs/storage/disk.js';
import { assertDiskIsOurs, diskIsOurs, markDisk } from '#libs/storage/disk-marker.js';
import { type DiskMemory } from '#libs/storage/disk-memory.js';
import { DISK_MARKER } from '#libs/storage/layout.js';
import { keyPrefix } from '#libs/storage/object-key.js';

import { type ImportRepository, type ImportTerms, type Step } from './import-repository.js';
import { type Original } from './original.js';

export interface ImportRequest extends ImportTerms {
  /** Its SQLite file. */
  readonly database: string;
  /** The folder that holds its sources and snapshots. */
  readonly storage: string;
}

export type Imported = Readonly<Record<Step['outcome'], number>>;

export interface ImportDisk {
  readonly disk: Disk;
  readonly memory: DiskMemory;
  readonly openTrees: OpenTrees;
  /** What the original called its folder of snapshots: `REPOSITORY_BASE_FOLDER`. */
  readonly snapshotsFolder: string;
}

/** Takes over what an original Parceler has: its repositories, one after the other. Nothing of its storage is changed. */
export class ImportParceler {
  constructor(
    private readonly original: Original,
    private readonly importRepository: Pick<ImportRepository, 'run'>,
    private readonly ours: ImportDisk,
  ) {}

  /**
   * What cannot be taken is told, and the others go on.
   *
   * @throws AppError `NOT_A_PARCELER`, `DISK_NOT_MARKED`, and those of disk and database
   */
  async run(request: ImportRequest): Promise<Imported> {
    const tally = { did: 0, left: 0, failed: 0 };
    const tell = (step: Step): void => {
      tally[step.outcome] += 1;
      request.tell(step);
    };
    const rows = this.original.repositories(request.database);
    const storage = this.original.storage(request.storage);
    const folder = keyPrefix(this.ours.snapshotsFolder.replace(/\/+$/, ''));
    if (!request.dryRun) await this.claimDisk(storage);
    const place = { storage, folder, trees: this.ours.openTrees({ root: storage, folder }) };
    for (const row of rows) {
      request.signal.throwIfAborted();
      try {
        await this.importRepository.run(row, place, { ...request, tell });
      } catch (error) {
        if (!isOfOne(error)) throw error;
        tell({ outcome: 'failed', repository: row.name, what: `${error.message} ${error.hint ?? ''}`.trim() });
      }
    }
    return tally;
  }

  /** An old storage that is to be our disk has content, and was not marked when it was opened. */
  private async claimDisk(storage: string): Promise<void> {
    const { disk, memory } = this.ours;
    const isNew = (await memory.recall()) === undefined && !(await diskIsOurs(disk));
    if (isNew && this.isOwn(storage)) await markDisk(disk, await memory.agreeOn(randomUUID()));
    await assertDiskIsOurs(disk);
  }

  private isOwn(storage: string): boolean {
    const marker = this.ours.disk.localPath(DISK_MARKER);
    return marker !== undefined && this.original.storage(dirname(marker)) === storage;
  }
}

/** What is wrong with one repository; disk and database are everybody's. */
const isOfOne = (error: unknown): error is AppError =>
  isAppError(error) && error.code !== 'LEASE_LOST' && ['invalid', 'conflict', 'not-found'].includes(error.kind);
