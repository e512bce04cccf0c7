import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { link, lstat, open, readdir, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Readable } from 'node:stream';

import { FILE_MODE } from '#libs/files/modes.js';
import { HOUR, before } from '#libs/kernel/duration.js';
import { systemCode } from '#libs/kernel/system-code.js';

import { diskFailure } from '../disk-failure.js';

/** A draft that nobody has touched for so long belongs to a process that died (trust I-15). */
const ABANDONED_AFTER = HOUR;

/**
 * Files that are being written, in a folder that no key leads to, on the file system of their targets: publishing one is
 * a rename. What a killed process left is removed at the next start and, by processes that live on, hourly.
 */
export class LocalDrafts {
  private sweepAfter = 0;

  constructor(private readonly folder: string) {}

  /**
   * Writes and flushes a draft, and hands it to `publish`; afterwards there is none, whatever happened.
   *
   * The body's own errors are thrown as they are, those of the medium as `AppError`.
   */
  async with<T>(body: Readable | Uint8Array, what: string, publish: (draft: string) => Promise<T>): Promise<T> {
    const draft = join(this.folder, randomUUID());
    try {
      const file = await onMedium(what, open(draft, 'wx', FILE_MODE));
      try {
        await fill(file, body, what);
        await onMedium(what, file.sync());
      } finally {
        await onMedium(what, file.close());
      }
      return await onMedium(what, publish(draft));
    } finally {
      await removeQuietly(draft);
    }
  }

  /** Removes abandoned drafts, unless that was done within the hour. */
  async sweep(now: Date): Promise<void> {
    if (now.getTime() < this.sweepAfter) return;
    this.sweepAfter = now.getTime() + HOUR;
    for (const name of await readdir(this.folder)) {
      const draft = join(this.folder, name);
      // The change time, since a kept predecessor (see `publish`) has the modification time of its old days.
      const state = await lstat(draft).catch(() => undefined);
      if (state !== undefined && state.ctime < before(now, ABANDONED_AFTER)) await removeQuietly(draft);
    }
  }
}

async function fill(file: FileHandle, body: Readable | Uint8Array, what: string): Promise<void> {
  if (body instanceof Uint8Array) {
    await onMedium(what, file.writeFile(body));
    return;
  }
  for await (const chunk of body) await onMedium(what, file.writeFile(chunk as Uint8Array | string));
}

/** For what the next sweep removes if this fails, so that it must not hide how the work itself ended. */
const removeQuietly = (path: string): Promise<void> => rm(path, { force: true }).catch(() => undefined);

/** Awaits a system call; when it fails, as the `AppError` that it means. */
export async function onMedium<T>(what: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw diskFailure(error, what);
  }
}

/** As its namesake for threads in `durable-file.ts`. */
export async function flushFolder(path: string): Promise<void> {
  const folder = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Gives a flushed draft its name, replacing what had it. As `publishFile` for threads in `durable-file.ts`. */
export async function publish(draft: string, target: string): Promise<void> {
  const previous = `${draft}.previous`;
  const kept = await link(target, previous).then(
    () => true,
    () => false,
  );
  try {
    await rename(draft, target);
    await flushOr(dirname(target), () => (kept ? rename(previous, target) : rm(target, { force: true })));
  } finally {
    if (kept) await removeQuietly(previous);
  }
}

/** As `publish`, unless the name is taken: link(2) asks and answers in one step. */
export async function publishIfAbsent(draft: string, target: string): Promise<boolean> {
  try {
    await link(draft, target);
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  }
  await flushOr(dirname(target), () => rm(target, { force: true }));
  return true;
}

/** A name whose folder could not be flushed must not be seen (trust I-27). */
async function flushOr(folder: string, takeBack: () => Promise<void>): Promise<void> {
  try {
    await flushFolder(folder);
  } catch (error) {
    await takeBack();
    throw error;
  }
}
