import {
  chmodSync,
  closeSync,
  fsync,
  lstatSync,
  openSync,
  renameSync,
  rmSync,
  utimesSync,
  writeSync,
  type BigIntStats,
} from 'node:fs';
import { dirname, join } from 'node:path';

import { flushFolder, makeFolder } from '#libs/files/durable-file.js';
import { FILE_MODE } from '#libs/files/modes.js';
import { type Clock } from '#libs/kernel/clock.js';
import { diskFailure } from '#libs/storage/disk-failure.js';
import { blobKey, stagingOf, type Sha256 } from '#libs/storage/layout.js';

import { sharedAs } from './share-file.js';

/** Flushed at once: the file system then writes its journal for all of them together, not for each. */
const DRAFTS_AT_ONCE = 256;

/**
 * Blobs as one attempt makes them on a local disk: written as drafts, many of them flushed at once, then given their
 * names. Discard it in any case.
 *
 * After any error the attempt is over: what could not be flushed must not be tried again (trust I-27).
 */
export class LocalBlobs {
  private readonly staging: string;
  private readonly made = new Set<string>();
  private readonly unflushed = new Set<string>();
  private readonly drafts = new Map<Sha256, BlobDraft>();
  private drafted = 0;

  constructor(
    private readonly root: string,
    attempt: string,
    private readonly clock: Clock,
  ) {
    this.staging = join(root, stagingOf(attempt));
    onDisk('make a staging folder', () => makeFolder(this.staging));
  }

  /** Whether it is time to `publish`. */
  get full(): boolean {
    return this.drafts.size >= DRAFTS_AT_ONCE;
  }

  /** Takes over a blob that is there, and keeps the collector of garbage away from it. */
  reuse(sha256: Sha256, size: number): boolean {
    if (this.drafts.has(sha256)) return true;
    const blob = this.pathOf(sha256);
    return onDisk(`look for blob ${sha256}`, () => {
      const state = lstatSync(blob, { throwIfNoEntry: false });
      if (state?.isFile() !== true || state.size !== size) return false;
      const now = this.clock.now();
      // The time of a file with other names is not ours to change; that its inode was touched now is to be seen all the same.
      if (state.nlink > 1) chmodSync(blob, state.mode & 0o7777);
      else utimesSync(blob, now, now);
      this.unflushed.add(dirname(blob)); // whoever made it may have died before its name was flushed
      return true;
    });
  }

  put(sha256: Sha256, bytes: Buffer): void {
    const draft = this.draft();
    try {
      draft.write(bytes);
    } catch (error) {
      draft.discard();
      throw error;
    }
    this.accept(draft, sha256);
  }

  /**
   * Makes a blob of a file that nobody writes any more, without a copy; false when the file system has no way to, or when
   * the file is no longer the one in that state.
   */
  share(path: string, state: BigIntStats, sha256: Sha256): boolean {
    const draft = this.nextDraft();
    if (!onDisk(`share a file as blob ${sha256}`, () => sharedAs(path, state, draft))) return false;
    this.accept(new BlobDraft(draft, 'r'), sha256);
    return true;
  }

  /** A file that becomes a blob once its hash is known: `accept` or discard it. */
  draft(): BlobDraft {
    return new BlobDraft(this.nextDraft());
  }

  private nextDraft(): string {
    this.drafted += 1;
    return join(this.staging, String(this.drafted));
  }

  accept(draft: BlobDraft, sha256: Sha256): void {
    this.drafts.set(sha256, draft);
  }

  /** Makes blobs of all drafts. Their bytes survive a power loss from now on, their names do after `flushNames`. */
  async publish(): Promise<void> {
    const drafts = [...this.drafts.entries()];
    const flushed = await Promise.allSettled(drafts.map(([, draft]) => draft.flush()));
    for (const outcome of flushed) if (outcome.status === 'rejected') throw outcome.reason;
    for (const [sha256, draft] of drafts) this.name(draft, sha256);
    this.drafts.clear();
  }

  flushNames(): void {
    for (const folder of this.unflushed) onDisk('flush a folder of blobs', () => flushFolder(folder));
    this.unflushed.clear();
  }

  discard(): void {
    for (const draft of this.drafts.values()) draft.discard();
    this.drafts.clear();
  }

  private name(draft: BlobDraft, sha256: Sha256): void {
    const blob = this.pathOf(sha256);
    const folder = dirname(blob);
    onDisk(`write blob ${sha256}`, () => {
      if (!this.made.has(folder)) makeFolder(folder);
      renameSync(draft.path, blob);
    });
    this.made.add(folder);
    this.unflushed.add(folder);
    this.drafts.delete(sha256);
    draft.close();
  }

  private pathOf(sha256: Sha256): string {
    return join(this.root, blobKey(sha256));
  }
}

export class BlobDraft {
  private readonly descriptor: number;

  /** @param flags `wx` makes a new file, `r` takes one that is there */
  constructor(
    readonly path: string,
    flags: 'wx' | 'r' = 'wx',
  ) {
    this.descriptor = onDisk('make a draft of a blob', () => openSync(path, flags, FILE_MODE));
  }

  write(bytes: Buffer): void {
    onDisk('write a blob', () => {
      for (let at = 0; at < bytes.length;) at += writeSync(this.descriptor, bytes, at);
    });
  }

  flush(): Promise<void> {
    return new Promise((resolve, reject) => {
      fsync(this.descriptor, (error) => {
        if (error) reject(diskFailure(error, 'flush a blob'));
        else resolve();
      });
    });
  }

  close(): void {
    closeSync(this.descriptor);
  }

  discard(): void {
    this.close();
    rmSync(this.path, { force: true });
  }
}

function onDisk<T>(what: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw diskFailure(error, what);
  }
}
