import { buffer } from 'node:stream/consumers';

import { type Clock } from '#libs/kernel/clock.js';
import { type DatabaseCopies, type RowCounts } from '#libs/persistence/copies/database-copies.js';
import { type RepositoryStore } from '#libs/repositories/repository-store.js';
import { manifestIfSound } from '#libs/snapshots/manifest/read-manifest.js';
import { type Snapshot } from '#libs/snapshots/snapshot.js';
import { type SnapshotStore } from '#libs/snapshots/snapshot-store.js';
import { type Disk } from '#libs/storage/disk.js';
import { type Folders } from '#libs/storage/folders.js';
import { manifestKey, SNAPSHOTS } from '#libs/storage/layout.js';
import { keyPrefix } from '#libs/storage/object-key.js';

import { backupDisturbed, folderTaken } from './backup-errors.js';
import {
  assertSound,
  DATABASE_COPY,
  hashOfFile,
  manifestFacts,
  pathOf,
  writeFacts,
  type BackupFacts,
} from './backup-folder.js';
import { type KeptKey } from './kept-key.js';

export interface BackupParts {
  readonly copies: Pick<DatabaseCopies, 'save'>;
  readonly disk: Disk;
  readonly repositories: Pick<RepositoryStore, 'list'>;
  readonly snapshots: Pick<SnapshotStore, 'list'>;
}

export interface Backup {
  readonly facts: BackupFacts;
  readonly repositories: number;
  /** Those whose manifest is missing on the disk, or no good: what there is of them is in the database alone. */
  readonly withoutManifest: readonly Snapshot[];
}

/** So often the copies are begun anew when snapshots come or go meanwhile. */
const TRIES = 5;

/**
 * Copies the database and the manifests as they are at one instant, while everything goes on. The copies count once they
 * were read again and found whole: then, and not before, there is a `backup.json`. Content is not among it.
 */
export class BackUp {
  constructor(
    private readonly parts: BackupParts,
    private readonly folders: Folders,
    private readonly key: Pick<KeptKey, 'save'>,
    private readonly clock: Clock,
  ) {}

  /** @throws AppError `BACKUP_FOLDER_TAKEN`, `BACKUP_DISTURBED`, `BACKUP_DAMAGED`, and those of database and disk */
  async run(path: string): Promise<Backup> {
    const folder = await this.folders.make(path);
    if (!(await isEmpty(folder))) throw folderTaken(path);
    try {
      const backup = await this.make(folder);
      await this.folders.tidy(path);
      return backup;
    } catch (error) {
      await empty(folder).catch(() => undefined); // without its facts it is no backup
      throw error;
    }
  }

  private async make(folder: Disk): Promise<Backup> {
    for (let attempt = 1; attempt <= TRIES; attempt += 1) {
      const before = await this.all();
      const rows = await this.parts.copies.save(pathOf(folder, DATABASE_COPY));
      const missing = await this.copyManifests(folder, before);
      // What stands in the copy of the database is what stood there before and after it.
      if (isSame(before, await this.all())) return this.finish(folder, rows, missing);
      await empty(folder);
    }
    throw backupDisturbed();
  }

  private async finish(folder: Disk, rows: RowCounts, withoutManifest: readonly Snapshot[]): Promise<Backup> {
    await this.key.save(folder);
    const facts: BackupFacts = {
      madeAt: this.clock.now(),
      database: { sha256: await hashOfFile(pathOf(folder, DATABASE_COPY)), rows },
      manifests: await manifestFacts(folder),
    };
    await assertSound(folder, facts);
    await writeFacts(folder, facts);
    return { facts, repositories: rows['repositories'] ?? 0, withoutManifest };
  }

  private async all(): Promise<readonly Snapshot[]> {
    const lists = (await this.parts.repositories.list()).map(({ name }) => this.parts.snapshots.list(name));
    return (await Promise.all(lists)).flat().filter(({ state }) => state !== 'removing');
  }

  /** Those that could not be copied. */
  private async copyManifests(folder: Disk, snapshots: readonly Snapshot[]): Promise<readonly Snapshot[]> {
    const missing: Snapshot[] = [];
    for (const snapshot of snapshots) {
      const { repository, id, manifestSha256 } = snapshot;
      const manifest = await manifestIfSound(this.parts.disk, repository, id);
      if (manifest?.sha256 === manifestSha256) await this.copyManifest(folder, snapshot);
      else missing.push(snapshot);
    }
    return missing;
  }

  private async copyManifest(folder: Disk, { repository, id }: Snapshot): Promise<void> {
    const key = manifestKey(repository, id);
    await folder.write(key, await buffer(await this.parts.disk.read(key)));
  }
}

/** In states and places, too. */
const isSame = (before: readonly Snapshot[], after: readonly Snapshot[]): boolean =>
  JSON.stringify(before) === JSON.stringify(after);

async function isEmpty(folder: Disk): Promise<boolean> {
  for await (const _ of folder.list(keyPrefix())) return false;
  return true;
}

async function empty(folder: Disk): Promise<void> {
  await folder.removeAll(SNAPSHOTS);
  for await (const { key } of folder.list(keyPrefix())) await folder.remove(key);
}
