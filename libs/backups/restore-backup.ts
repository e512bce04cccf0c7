import { randomUUID } from 'node:crypto';
import { copyFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';

import { makeFolders } from '#libs/files/make-folders.js';
import { FOLDER_MODE } from '#libs/files/modes.js';
import { type Act } from '#libs/kernel/actor.js';
import { type Clock } from '#libs/kernel/clock.js';
import { type DatabaseCopies } from '#libs/persistence/copies/database-copies.js';
import { type UnitOfWork } from '#libs/persistence/unit-of-work.js';
import { type RepositoryStore } from '#libs/repositories/repository-store.js';
import { allBlobsThere } from '#libs/snapshots/damage/blobs-there.js';
import { filesOf, manifestIfSound } from '#libs/snapshots/manifest/read-manifest.js';
import { type Snapshot } from '#libs/snapshots/snapshot.js';
import { type SnapshotStore } from '#libs/snapshots/snapshot-store.js';
import { type Disk } from '#libs/storage/disk.js';
import { assertDiskIsOurs } from '#libs/storage/disk-marker.js';
import { type Folders } from '#libs/storage/folders.js';
import { type RunStore } from '#libs/syncing/runs/run-store.js';

import { inUse, otherManifest } from './backup-errors.js';
import { assertSound, DATABASE_COPY, manifestKeys, pathOf, readFacts, type BackupFacts } from './backup-folder.js';
import { type KeptKey } from './kept-key.js';

export interface RestoreRequest {
  /** The folder that `BackUp` wrote. */
  readonly folder: string;
  /** Also when there is something to be replaced. */
  readonly force: boolean;
  readonly act: Act;
}

export interface Restored {
  readonly facts: BackupFacts;
  /** Where the database that was replaced can be found, when there was anything in it. */
  readonly previous: string | undefined;
  /** Whether the key of the backup is in force now; if not, the right one has to be set. */
  readonly hasKey: boolean;
  /** Snapshots whose content is not on the disk, or not all of it. */
  readonly incomplete: readonly Snapshot[];
}

export interface RestoreParts {
  readonly copies: DatabaseCopies;
  readonly unitOfWork: UnitOfWork;
  readonly disk: Disk;
  readonly repositories: RepositoryStore;
  readonly snapshots: SnapshotStore;
  readonly runs: RunStore;
}

/** Puts a backup in the place of what there is: its manifests on the disk, then its rows in the database, all at once. */
export class RestoreBackup {
  /** @param storagePath where the database that is replaced is kept */
  constructor(
    private readonly parts: RestoreParts,
    private readonly folders: Folders,
    private readonly key: KeptKey,
    private readonly storagePath: string,
    private readonly clock: Clock,
  ) {}

  /**
   * @throws AppError `DISK_NOT_MARKED`, `NOT_A_BACKUP`, `BACKUP_DAMAGED`, `RESTORE_OVERWRITES`, `RESTORE_CONFLICT`, `DATABASE_NEWER`, and
   * those of the disk; then the database is as it was
   */
  async run({ folder: path, force, act }: RestoreRequest): Promise<Restored> {
    const folder = this.folders.open(path);
    await assertDiskIsOurs(this.parts.disk);
    const facts = await readFacts(folder);
    await assertSound(folder, facts);
    const isEmpty = await this.parts.copies.isEmpty();
    if (!isEmpty && !force) throw inUse();

    await this.assertNoOtherManifests(folder);
    makeFolders(this.storagePath, FOLDER_MODE); // with a server and a bucket nothing else needs it
    const previous = isEmpty ? undefined : await this.keepPrevious();
    await this.putManifests(folder);
    await this.putRows(folder, act);
    const hasKey = await this.key.restore(folder);
    return { facts, previous, hasKey, incomplete: await this.incomplete() };
  }

  private async assertNoOtherManifests(folder: Disk): Promise<void> {
    for await (const key of manifestKeys(folder)) {
      if ((await this.parts.disk.stat(key)) === undefined) continue;
      const [there, ours] = await Promise.all(
        [this.parts.disk, folder].map(async (disk) => buffer(await disk.read(key))),
      );
      if (ours?.equals(there ?? Buffer.alloc(0)) !== true) throw otherManifest(key);
    }
  }

  private async keepPrevious(): Promise<string> {
    const stamp = this.clock
      .now()
      .toISOString()
      .replaceAll(/[-:]|\.\d+/g, '');
    const file = join(this.storagePath, `before-restore-${stamp}.sqlite`);
    await this.parts.copies.save(file);
    return file;
  }

  private async putManifests(folder: Disk): Promise<void> {
    for await (const key of manifestKeys(folder)) {
      await this.parts.disk.writeIfAbsent(key, await buffer(await folder.read(key)));
    }
  }

  /** Runs that were open then must not go on now, as if somebody had just asked for them. */
  private async putRows(folder: Disk, act: Act): Promise<void> {
    const at = this.clock.now();
    const copy = join(this.storagePath, `restoring-${randomUUID()}.sqlite`); // it may have to be brought up to date
    try {
      await copyFile(pathOf(folder, DATABASE_COPY), copy);
      await this.parts.unitOfWork.run(async () => {
        await this.parts.copies.load(copy, at, act);
        for (const run of await this.parts.runs.openSince(at)) {
          await this.parts.runs.finish({ id: run.id }, { state: 'cancelled', at, ...CANCELLED });
        }
      });
    } finally {
      for (const suffix of ['', '-wal', '-shm']) await rm(`${copy}${suffix}`, { force: true });
    }
  }

  private async incomplete(): Promise<readonly Snapshot[]> {
    const incomplete: Snapshot[] = [];
    for (const { name } of await this.parts.repositories.list()) {
      for (const snapshot of await this.parts.snapshots.list(name)) {
        const manifest = await manifestIfSound(this.parts.disk, name, snapshot.id);
        const isWhole = manifest !== undefined && (await allBlobsThere(this.parts.disk, filesOf(manifest)));
        if (!isWhole && snapshot.state !== 'removing') incomplete.push(snapshot);
      }
    }
    return incomplete;
  }
}

const CANCELLED = {
  errorCode: 'RUN_CANCELLED',
  error: 'It was open when the backup was made that was put back since.',
};
