import { type Readable } from 'node:stream';

import { AppError } from '#libs/kernel/errors.js';

import { type PackageFormat } from '../package-format.js';

/** A package as an index names it. */
export interface IndexedPackage {
  readonly name: string;
  readonly version: string;
  /** As the format writes it; empty where it has none. */
  readonly arch: string;
  /** Where its file lies below the published folder; `undefined` when it lies elsewhere, or the index does not say. */
  readonly path: string | undefined;
  readonly size: number | undefined;
  /** Of the whole file, when the index states one. */
  readonly hash: FileHash | undefined;
}

export interface FileHash {
  readonly algorithm: 'sha1' | 'sha256' | 'sha384' | 'sha512';
  /** Lower-case hexadecimal. */
  readonly value: string;
}

/** An index that may stand in a snapshot. Several files may hold it, each with all of it. */
export interface PackageIndex {
  /** Names it among all of a repository's indexes: the file's path without the ending of its compression. */
  readonly path: string;
  readonly format: PackageFormat;
  readonly reader: IndexReader;
  /** The files that hold it, the one that is read most easily first. */
  readonly files: readonly string[];
  /** What the paths in it are relative to: empty, or a folder with a slash at its end. */
  readonly base: string;
}

export type IndexReader = 'control' | 'apkindex' | 'adb' | 'rpm' | 'composer' | 'pypi';

/** The files that stand beside each other: one snapshot's. */
export interface IndexFiles {
  /** The content under a path, or `undefined` when there is no such file. */
  open(path: string): Promise<Readable | undefined>;
}

/** How much of an index is read at most: a few bytes may unpack to anything (trust T-74). */
export interface IndexLimits {
  /** Of each file, unpacked. */
  readonly bytes: number;
  /** Of a file that has to be in memory as a whole, unpacked. */
  readonly bytesAtOnce: number;
  /** Of a line, or of what stands between two tags. */
  readonly line: number;
  /** Of a name, a version, an architecture or a path. */
  readonly field: number;
  readonly packages: number;
  /** That one index is made of. */
  readonly files: number;
}

const MIB = 1024 ** 2;

export const INDEX_LIMITS: IndexLimits = {
  bytes: 256 * MIB,
  bytesAtOnce: 128 * MIB,
  line: MIB,
  field: 4_096,
  packages: 1_000_000,
  files: 100_000,
};

/** Why an index cannot be read, as the end of a sentence about it. */
export const indexUnreadable = (file: string, why: string, cause?: unknown): AppError =>
  new AppError('conflict', 'INDEX_UNREADABLE', `${file} ${why}`, {
    hint: 'Its packages are unknown to repository:find and repository:diff; its files are served all the same.',
    cause,
  });
