import { type Readable } from 'node:stream';

import { token } from '#libs/kernel/provider.js';

import { type KeyPrefix, type ObjectKey } from './object-key.js';

/** Bytes `start` to `end`, both counted from 0 and both included, as in HTTP; what lies past the last byte is ignored. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export interface ObjectInfo {
  readonly key: ObjectKey;
  readonly size: number;
  readonly modifiedAt: Date;
  /** Another one when the bytes are others, on a disk that has such a thing (S3: the ETag). */
  readonly tag?: string | undefined;
}

/** What a client is to be told by whoever it gets the object from. */
export interface TemporaryUrlTerms {
  readonly expiresAt: Date;
  readonly contentType: string;
  readonly contentDisposition: string | undefined;
}

/**
 * A configured place for content.
 *
 * Failures of the medium are `AppError` of kind `unavailable` (`DISK_FULL`, `DISK_READ_ONLY`, `DISK_FAILED`) with the
 * cause attached; errors of a body that is written come back as they are. Every driver passes `testing/disk.contract.ts`.
 *
 * A disk may refuse (`OBJECT_KEY_TAKEN`, kind `conflict`) an object where others stand below, or below an object, since
 * a file is no folder.
 */
export interface Disk {
  /** Rejects with `OBJECT_NOT_FOUND` (kind `not-found`) before the first byte, never on the stream. */
  read(key: ObjectKey, range?: ByteRange): Promise<Readable>;

  /**
   * Stores an object. Readers see the old bytes or all of the new ones, never a part; when it resolves the bytes and the
   * name survive a power loss. On failure the key means what it meant before, and no draft stays behind; only what a
   * server turns out to have stored wrongly is removed, with what it replaced.
   */
  write(key: ObjectKey, body: Readable | Uint8Array): Promise<void>;

  /**
   * As `write`, unless the object exists already: then nothing changes, the body may stay unread, the answer is false. Of
   * several who write at once one gets true, on S3 servers without conditional writes at least one: there the last one's
   * bytes stay. Whoever must be the only one holds a lease.
   */
  writeIfAbsent(key: ObjectKey, body: Readable | Uint8Array): Promise<boolean>;

  stat(key: ObjectKey): Promise<ObjectInfo | undefined>;

  /**
   * Everything below the prefix, in byte order of key. What comes or goes meanwhile may be listed or not. Names on the
   * medium that no key can have (a backslash, bytes that are not UTF-8) are passed over.
   */
  list(prefix: KeyPrefix): AsyncIterable<ObjectInfo>;

  /** The names of what stands directly below the prefix and has something below itself (on a local disk: folders), in byte order. */
  folders(prefix: KeyPrefix): AsyncIterable<string>;

  /** Makes an object as new as if it had been written now. False when there is none. */
  touch(key: ObjectKey): Promise<boolean>;

  /** Removing what is not there succeeds. The object may be back after a power loss; `removeAll` lasts. */
  remove(key: ObjectKey): Promise<void>;

  /** Removes everything below the prefix, and on a local disk the folder itself. Refuses the whole disk. */
  removeAll(prefix: KeyPrefix): Promise<void>;

  /** Removes a folder in which nothing stands, and leaves any other as it is. On a medium without folders nothing is done. */
  removeEmpty(prefix: KeyPrefix): Promise<void>;

  /**
   * Gives all that stands below one prefix another one in the same folder, in one step: whoever looks sees all of it
   * here or all of it there. False when nothing stands there; where something stands below the other prefix nothing
   * is moved (`OBJECT_KEY_TAKEN`). It lasts, as `removeAll` does. `undefined` on a medium that has no such step, as S3.
   */
  readonly moveAll: ((from: KeyPrefix, to: KeyPrefix) => Promise<boolean>) | undefined;

  /**
   * A link the client may follow instead of us streaming, or `undefined` when this disk has none. Made without asking
   * anybody, so nobody knows whether the object is there.
   */
  temporaryUrl(key: ObjectKey, terms: TemporaryUrlTerms): URL | undefined;

  /** The file on this machine that holds the object, or `undefined` when this disk has no such files. Nothing is checked. */
  localPath(key: ObjectKey): string | undefined;

  /** Bytes that can still be written, or `undefined` when this disk has no such bound. */
  freeBytes(): Promise<number | undefined>;
}

/** With fewer bytes that can still be written somebody had better make room. */
export const LITTLE_SPACE = 1024 ** 3;

export const DISK = token<Disk>('Disk');
/** Where the sources of repositories are: the same disk, or a folder of this machine beside a disk that is none. */
export const SOURCE_DISK = token<Disk>('SourceDisk');
