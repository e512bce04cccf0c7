import { fstatSync, statSync, type Stats } from 'node:fs';

import { LRUCache } from 'lru-cache';

import { openBlob, readWhole } from './blob-file.js';

interface Hot {
  readonly bytes: Buffer;
  readonly ino: number;
  readonly ctimeMs: number;
}

/** Files that appliances ask for all the time: index files are small, and everybody fetches them first. */
const USUAL_LIMIT = 32 * 1024 * 1024;
const BYTES_BESIDE_CONTENT = 500;

/**
 * The contents of small files that were asked for lately. What is kept is only given out while the file on the disk is
 * still the very one that was read: a look at it costs a fifth of reading it, and what is damaged does not go unnoticed.
 */
export class HotContents {
  private readonly contents: LRUCache<string, Hot>;

  constructor(maxBytes = USUAL_LIMIT) {
    this.contents = new LRUCache({
      maxSize: maxBytes,
      sizeCalculation: ({ bytes }) => BYTES_BESIDE_CONTENT + bytes.length,
    });
  }

  /** The whole content of a blob that must have that size; not to be written to. Throws `DamagedBlob`. */
  read(path: string, size: number): Buffer {
    const hot = this.contents.get(path);
    const found = hot && statSync(path, { throwIfNoEntry: false });
    if (hot !== undefined && found !== undefined && isTheSame(hot, found)) return hot.bytes;
    const fd = openBlob(path, size);
    const { ino, ctimeMs } = fstatSync(fd);
    const bytes = readWhole(fd, { start: 0, end: size - 1 });
    this.contents.set(path, { bytes, ino, ctimeMs });
    return bytes;
  }
}

/** A change of size is a change of ctime. */
const isTheSame = (hot: Hot, found: Stats): boolean => hot.ino === found.ino && hot.ctimeMs === found.ctimeMs;
