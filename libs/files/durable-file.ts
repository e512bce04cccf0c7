import { closeSync, constants, existsSync, fsyncSync, linkSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

import { makeFolders } from './make-folders.js';
import { FOLDER_MODE } from './modes.js';

/*
 * Making files that survive a power loss, for threads that may block. A rename is durable when the bytes were flushed
 * before it and the folder after it (trust T-08, T-09).
 *
 * All functions throw the system's own errors; `diskFailure` makes the `AppError` of them.
 */

/**
 * Flushes the bytes of an open file.
 *
 * When this throws, abandon the file: the kernel forgets a failed page once it has told somebody, so that a second
 * flush of the same descriptor succeeds without the bytes (trust I-27, T-27).
 */
export const flushFile = (descriptor: number): void => {
  fsyncSync(descriptor);
};

/** Flushes the names in a folder: what was created, renamed or removed in it stays so. */
export function flushFolder(path: string): void {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Creates a folder and those above it, each durably. */
export function makeFolder(path: string): void {
  const folder = resolve(path);
  const topmost = makeFolders(folder, FOLDER_MODE);
  if (topmost === undefined) return;
  for (let made = folder; made.length >= topmost.length; made = dirname(made)) flushFolder(dirname(made));
}

/**
 * Gives a flushed draft its name, replacing what had it; both must stand on one file system.
 *
 * When this throws, the name means what it meant before; the draft may be gone. To publish many files at once, rename
 * them yourself and flush each folder once.
 */
export function publishFile(draft: string, target: string): void {
  const previous = `${draft}.previous`;
  const kept = keep(target, previous);
  try {
    renameSync(draft, target);
    flushOrTakeBack(target, kept ? previous : undefined);
  } finally {
    if (kept) rmSync(previous, { force: true });
  }
}

/** A second name for what is about to be replaced. False when nothing is, or when the file system refuses hard links. */
function keep(target: string, previous: string): boolean {
  if (!existsSync(target)) return false;
  try {
    linkSync(target, previous);
    return true;
  } catch {
    return false;
  }
}

function flushOrTakeBack(target: string, previous: string | undefined): void {
  try {
    flushFolder(dirname(target));
  } catch (error) {
    if (previous === undefined) rmSync(target, { force: true });
    else renameSync(previous, target);
    throw error;
  }
}
