import { chmod, lstat, rename, rm, rmdir, statfs, unlink, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';

import { systemClock, type Clock } from '#libs/kernel/clock.js';
import { AppError } from '#libs/kernel/errors.js';
import { systemCode } from '#libs/kernel/system-code.js';

import { type ByteRange, type Disk, type ObjectInfo } from '../disk.js';
import { diskFailure, keyTaken } from '../disk-failure.js';
import { asKey, assertSameFolder, type KeyPrefix, type ObjectKey } from '../object-key.js';
import { flushFolder, LocalDrafts, onMedium, publish, publishIfAbsent } from './local-drafts.js';
import { checkWayTo, makeRoomFor } from './local-folder.js';
import { readObject } from './local-read.js';
import { foldersIn, isNotThere, objectAt, walk } from './local-walk.js';

/** Below the root. It is made when the disk is opened, never by a write, so that nothing goes to an unmounted volume. */
export const DRAFTS = '.drafts';

/** What the system says of what is no empty folder. */
const STAYS = new Set(['ENOTEMPTY', 'EEXIST', 'ENOENT', 'ENOTDIR']);
/** What the system says when a folder would be renamed to one that is not empty. */
const IS_TAKEN = new Set(['ENOTEMPTY', 'EEXIST']);

/**
 * Objects as regular files below a folder, for any number of processes at once. `openLocalDisk` is the way to one.
 *
 * Links, devices and pipes are no objects: they are neither listed nor read, and only links directly below the root
 * are followed for writing.
 */
export class LocalDisk implements Disk {
  private readonly drafts: LocalDrafts;

  constructor(
    readonly root: string,
    private readonly clock: Clock = systemClock,
  ) {
    this.drafts = new LocalDrafts(join(root, DRAFTS));
  }

  async read(key: ObjectKey, range?: ByteRange): Promise<Readable> {
    return readObject(this.pathOf(key), key, range);
  }

  write(key: ObjectKey, body: Readable | Uint8Array): Promise<void> {
    return this.store(key, body, publish);
  }

  writeIfAbsent(key: ObjectKey, body: Readable | Uint8Array): Promise<boolean> {
    return this.store(key, body, publishIfAbsent);
  }

  async stat(key: ObjectKey): Promise<ObjectInfo | undefined> {
    return objectAt(this.pathOf(key), key);
  }

  async *list(prefix: KeyPrefix): AsyncGenerator<ObjectInfo> {
    if (prefix.startsWith(`${DRAFTS}/`)) return;
    for await (const batch of walk(this.root, prefix, DRAFTS)) yield* batch;
  }

  folders(prefix: KeyPrefix): AsyncIterable<string> {
    return foldersIn(this.root, prefix, DRAFTS);
  }

  async touch(key: ObjectKey): Promise<boolean> {
    const path = this.pathOf(key);
    if ((await this.stat(key)) === undefined) return false;
    return ifThere(`touch "${key}"`, touched(path, this.clock.now()));
  }

  async remove(key: ObjectKey): Promise<void> {
    const path = this.pathOf(key);
    const what = `remove "${key}"`;
    await onMedium(what, checkWayTo(this.root, key));
    await ifThere(what, unlink(path));
  }

  async removeAll(prefix: KeyPrefix): Promise<void> {
    if (prefix === '') throw new AppError('invalid', 'INVALID_OBJECT_KEY', 'The whole disk cannot be removed.');
    const key = asKey(prefix);
    const path = this.pathOf(key);
    const what = `remove all below "${prefix}"`;
    await onMedium(what, checkWayTo(this.root, key));
    await onMedium(what, rm(path, { recursive: true, force: true }));
    await ifThere(what, flushFolder(dirname(path)));
  }

  async removeEmpty(prefix: KeyPrefix): Promise<void> {
    const key = asKey(prefix);
    const what = `remove the empty folder "${prefix}"`;
    await onMedium(what, checkWayTo(this.root, key));
    try {
      await rmdir(this.pathOf(key));
    } catch (error) {
      if (!STAYS.has(systemCode(error))) throw diskFailure(error, what);
    }
  }

  async moveAll(from: KeyPrefix, to: KeyPrefix): Promise<boolean> {
    assertSameFolder(from, to);
    const [key, newKey] = [asKey(from), asKey(to)];
    const [path, newPath] = [this.pathOf(key), this.pathOf(newKey)];
    const what = `move all below "${from}" to "${to}"`;
    await onMedium(what, checkWayTo(this.root, key));
    try {
      await rename(path, newPath);
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return false;
      throw IS_TAKEN.has(systemCode(error)) ? keyTaken(newKey, 'others stand below it') : diskFailure(error, what);
    }
    await onMedium(what, flushFolder(dirname(path)));
    return true;
  }

  temporaryUrl(): undefined {
    return undefined;
  }

  localPath(key: ObjectKey): string {
    return this.pathOf(key);
  }

  async freeBytes(): Promise<number> {
    const { bavail, bsize } = await onMedium('ask for the free space', statfs(this.root));
    return bavail * bsize;
  }

  /** Removes what killed processes have left half written. */
  async sweepDrafts(): Promise<void> {
    await onMedium('remove abandoned drafts', this.drafts.sweep(this.clock.now()));
  }

  private async store<T>(
    key: ObjectKey,
    body: Readable | Uint8Array,
    publishAs: (draft: string, target: string) => Promise<T>,
  ): Promise<T> {
    // A body that fails before we listen would end the process; one that nobody reads would keep its file open.
    if (body instanceof Readable) body.on('error', () => undefined);
    try {
      const what = `write "${key}"`;
      const target = this.pathOf(key);
      await this.sweepDrafts();
      await onMedium(what, makeRoomFor(this.root, key));
      return await this.drafts.with(body, what, (draft) => publishAs(draft, target));
    } finally {
      if (body instanceof Readable) body.destroy();
    }
  }

  private pathOf(key: ObjectKey): string {
    if (key === DRAFTS || key.startsWith(`${DRAFTS}/`)) {
      throw new AppError('invalid', 'INVALID_OBJECT_KEY', `"${DRAFTS}" is the disk's own folder.`);
    }
    return join(this.root, key);
  }
}

/** As `LocalBlobs` does it: the time of a file with other names is not ours to change, and its inode tells all the same. */
async function touched(path: string, now: Date): Promise<void> {
  const { nlink, mode } = await lstat(path);
  await (nlink > 1 ? chmod(path, mode & 0o7777) : utimes(path, now, now));
}

/** Awaits a system call; false when what it was for is not there. */
async function ifThere(what: string, work: Promise<void>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    if (isNotThere(error)) return false;
    throw diskFailure(error, what);
  }
}
