import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';

import { z } from 'zod';

import { isAppError } from '#libs/kernel/errors.js';
import { type RowCounts } from '#libs/persistence/copies/database-copies.js';
import { type Disk } from '#libs/storage/disk.js';
import { SNAPSHOTS, type Sha256 } from '#libs/storage/layout.js';
import { objectKey, type ObjectKey } from '#libs/storage/object-key.js';

import { backupDamaged, notABackup } from './backup-errors.js';

/*
 * A backup is a folder:
 *
 *   backup.json                                     the facts below; written last, its presence is the backup
 *   parceler.sqlite                                 a copy of the database, whatever kind it is of
 *   app.key                                         the key, when it was one that Parceler had made
 *   snapshots/<repository>/<id>/manifest.jsonl.gz   as on the disk
 */
const FACTS = objectKey('backup.json');
export const DATABASE_COPY = objectKey('parceler.sqlite');
export const KEY_COPY = objectKey('app.key');

const FORMAT = 'parceler-backup-1';

export interface BackupFacts {
  readonly madeAt: Date;
  readonly database: { readonly sha256: string; readonly rows: RowCounts };
  readonly manifests: ManifestFacts;
}

export interface ManifestFacts {
  readonly count: number;
  /** Of the keys and hashes of all of them. */
  readonly sha256: string;
}

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const facts = z.object({
  format: z.literal(FORMAT),
  madeAt: z.iso.datetime().transform((text) => new Date(text)),
  database: z.object({ sha256, rows: z.record(z.string(), z.int().nonnegative()) }),
  manifests: z.object({ count: z.int().nonnegative(), sha256 }),
});

export async function writeFacts(folder: Disk, { madeAt, ...rest }: BackupFacts): Promise<void> {
  const text = JSON.stringify({ format: FORMAT, madeAt: madeAt.toISOString(), ...rest }, null, 2);
  await folder.write(FACTS, Buffer.from(`${text}\n`));
}

/** @throws AppError `NOT_A_BACKUP` */
export async function readFacts(folder: Disk): Promise<BackupFacts> {
  try {
    return facts.parse(JSON.parse((await buffer(await folder.read(FACTS))).toString()));
  } catch (error) {
    if (isAppError(error) && error.code !== 'OBJECT_NOT_FOUND') throw error;
    throw notABackup(pathOf(folder, FACTS), error);
  }
}

/**
 * Reads all of a backup again.
 *
 * @throws AppError `BACKUP_DAMAGED` when anything of it is missing or not what was written
 */
export async function assertSound(folder: Disk, { database, manifests }: BackupFacts): Promise<void> {
  if ((await hashOfFile(pathOf(folder, DATABASE_COPY))) !== database.sha256) {
    throw backupDamaged('The copy of the database is not the one that was written.');
  }
  const found = await manifestFacts(folder);
  if (found.sha256 !== manifests.sha256) {
    throw backupDamaged(`Of ${String(manifests.count)} manifests, some are missing or not those that were written.`);
  }
}

/** What there is of manifests below a folder. */
export async function manifestFacts(folder: Disk): Promise<ManifestFacts> {
  const all = createHash('sha256');
  let count = 0;
  for await (const key of manifestKeys(folder)) {
    all.update(
      `${key} ${createHash('sha256')
        .update(await buffer(await folder.read(key)))
        .digest('hex')}\n`,
    );
    count += 1;
  }
  return { count, sha256: all.digest('hex') };
}

/** Of all manifests, in byte order. */
export async function* manifestKeys(folder: Disk): AsyncGenerator<ObjectKey> {
  for await (const { key } of folder.list(SNAPSHOTS)) yield key;
}

export async function hashOfFile(path: string): Promise<Sha256> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex') as Sha256;
}

/** A backup is a folder of this machine, so each of its objects is a file. */
export function pathOf(folder: Disk, key: ObjectKey): string {
  const path = folder.localPath(key);
  if (path === undefined) throw new Error('a backup has to stand in a folder');
  return path;
}
