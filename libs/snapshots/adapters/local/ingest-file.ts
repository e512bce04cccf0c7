import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readlinkSync,
  readSync,
  realpathSync,
  type BigIntStats,
} from 'node:fs';

import { systemCode } from '#libs/kernel/system-code.js';
import { type Sha256 } from '#libs/storage/layout.js';

import { type IngestedFile, type SourceFile } from '../../source/source.js';
import { factsOf, tooFresh } from './file-facts.js';
import { onSource, sourceChanged, sourceFailure, sourceRefused } from './source-failure.js';
import { isInside } from './source-folder.js';

interface OpenFile {
  readonly descriptor: number;
  readonly state: BigIntStats;
}

const TRIES = 3;
export const CHUNK_BYTES = 1 << 20;
const chunk = Buffer.allocUnsafe(CHUNK_BYTES);

// A FIFO put in the file's place must not hang us, and a link must not lead us away (trust T-36, T-73).
const READ_ONLY = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Work that blocks, and yields now and then for whoever has something else to do, or something that it waits for. */
export type Steps<T> = Generator<Promise<void> | undefined, T, undefined>;

/** Makes (a draft of) a blob of an open file; `undefined` when there were fewer bytes than the file should have. */
export type MakeBlob = (descriptor: number, file: SourceFile) => Steps<Sha256 | undefined>;

/**
 * Makes a blob of a file and answers with what was read: the bytes that were hashed are those that lie there.
 *
 * @param root the published folder, itself resolved
 * @param now by the clock of the machine that stamps the files
 * @throws AppError `SOURCE_CHANGED`, `SOURCE_REFUSED`, and those of the disk
 */
export function* ingestFile(root: string, file: SourceFile, makeBlob: MakeBlob, now: () => Date): Steps<IngestedFile> {
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    const descriptor = openSource(root, file.path);
    try {
      const before = stateOf(descriptor, file.path);
      const facts = factsOf(file.path, before);
      const same = attempt === 1 ? facts.signature === file.signature : isStillAt(root, file.path, before);
      const expected = same && isWithin(root, file.path, { descriptor, state: before });
      const sha256 = expected ? yield* makeBlob(descriptor, facts) : undefined;
      const still = factsOf(file.path, stateOf(descriptor, file.path)).signature === facts.signature;
      if (sha256 && still) return { ...facts, sha256, signature: tooFresh(before, now()) ? '' : facts.signature };
    } finally {
      closeSync(descriptor);
    }
  }
  throw sourceChanged(file.path);
}

function openSource(root: string, path: string): number {
  try {
    return openSync(`${root}/${path}`, READ_ONLY);
  } catch (error) {
    if (systemCode(error) !== 'ELOOP') throw sourceFailure(error, path);
    return onSource(path, () => openSync(insideOf(root, path), READ_ONLY)); // a link, which the walk has followed too
  }
}

function stateOf(descriptor: number, path: string): BigIntStats {
  const state = onSource(path, () => fstatSync(descriptor, { bigint: true }));
  if (!state.isFile()) throw sourceRefused(path, 'is not a regular file');
  return state;
}

/** Where a path really leads, which is inside the published folder. */
function insideOf(root: string, path: string): string {
  const real = onSource(path, () => realpathSync.native(`${root}/${path}`));
  if (!isInside(root, real)) throw sourceRefused(path, 'is a link that leads out of the published folder');
  return real;
}

/**
 * Whether an open file stands inside the published folder: a folder above it may have been replaced by a link, when we
 * opened it and already when we walked, so that the walk's signature proves nothing of this (trust T-73). Where it really
 * stands is known of the descriptor alone; whatever is looked up by path may be another file by then.
 */
function isWithin(root: string, path: string, { descriptor, state }: OpenFile): boolean {
  const real = placeOf(descriptor);
  return real === undefined ? isStillAt(root, path, state) : isInside(root, real);
}

/** Where an open file stands, links resolved; `undefined` where the system does not tell. */
function placeOf(descriptor: number): string | undefined {
  try {
    return readlinkSync(`/proc/self/fd/${String(descriptor)}`);
  } catch {
    return undefined;
  }
}

/** Whether an open file is the one that stands under the path, as far as looking it up can tell. */
function isStillAt(root: string, path: string, { dev, ino }: BigIntStats): boolean {
  const now = onSource(path, () => lstatSync(insideOf(root, path), { bigint: true }));
  return now.dev === dev && now.ino === ino;
}

/** The next bytes of what the file had when it was opened; valid until the next call. What is appended since is not chased. */
export function nextChunk(source: number, { path }: SourceFile, left: number): Buffer {
  const wanted = Math.min(left, CHUNK_BYTES);
  return onSource(path, () => {
    let length = 0;
    for (let read = -1; read !== 0 && length < wanted; length += read) {
      read = readSync(source, chunk, length, wanted - length, null);
    }
    return chunk.subarray(0, length);
  });
}
