import { z } from 'zod';

import { type AppError } from '#libs/kernel/errors.js';
import { printable, repositoryName, snapshotId, type RepositoryName, type SnapshotId } from '#libs/kernel/ids.js';
import { isSha256, type Sha256 } from '#libs/storage/layout.js';

import { type ChangeCounts, type ListedFile } from '../snapshot.js';
import { manifestRefused } from './manifest-refused.js';

/*
 * A manifest is JSON lines: one header, one line for each file in byte order of path, one trailer. `docs/manifest.md`
 * describes it for others; `block.ts` how the lines are packed.
 */

export interface ManifestHeader {
  readonly repository: RepositoryName;
  readonly id: SnapshotId;
  readonly sequence: number;
  readonly takenAt: Date;
  readonly files: number;
  readonly bytes: number;
  readonly changes: ChangeCounts;
  /** Why a check held the snapshot when it was taken, in a sentence. */
  readonly held: string | undefined;
}

export interface ManifestFile extends ListedFile {
  /** See `SourceFile`; empty when the content must be read again to know whether it changed. */
  readonly signature: string;
}

export interface ManifestTrailer {
  readonly files: number;
  /** Of all bytes of the file before the trailer's block. */
  readonly sha256: Sha256;
}

const FORMAT = 'parceler-manifest-1';
/** Longer paths are refused when the source is walked. */
export const MAX_PATH_BYTES = 4_096;

const count = z.int().nonnegative();
const header = z.strictObject({
  format: z.literal(FORMAT),
  repository: z.string().transform(repositoryName),
  id: z.string().transform(snapshotId),
  sequence: z.int().positive(),
  takenAt: z.iso.datetime().transform((text) => new Date(text)),
  files: count,
  bytes: count,
  changes: z.strictObject({ added: count, changed: count, removed: count }),
  held: z.string().optional(),
});

/** @throws AppError `MANIFEST_REFUSED` when it could not be read again */
export function headerLine({ takenAt, ...rest }: ManifestHeader): string {
  const line = `${JSON.stringify({ format: FORMAT, ...rest, takenAt: takenAt.toISOString() })}\n`;
  parseHeader(line);
  return line;
}

/** @throws AppError `MANIFEST_REFUSED` */
export function parseHeader(line: string): ManifestHeader {
  try {
    const { format: _, held, ...rest } = header.parse(JSON.parse(line));
    return { ...rest, held };
  } catch (error) {
    throw manifestRefused('its first line is not a header of this format', error);
  }
}

// The order of the keys is part of the format: `endOfLineFor` compares lines without parsing them.
/** @throws AppError `MANIFEST_REFUSED` when it could not be read again: the reader's rule is the writer's, too */
export function fileLine({ path, signature, size, mtimeMs, sha256 }: ManifestFile): string {
  if (!isFileRow({ path, signature, size, mtime: mtimeMs, sha256 })) throw unlistable(path);
  return `{"path":${JSON.stringify(path)},"signature":${JSON.stringify(signature)},"size":${String(size)},"mtime":${String(mtimeMs)},"sha256":"${sha256}"}\n`;
}

const unlistable = (path: string): AppError => manifestRefused(`"${printable(path)}" could not be read from it again`);

export const trailerLine = ({ files, sha256 }: ManifestTrailer): string =>
  `{"files":${String(files)},"sha256":"${sha256}"}\n`;

/** The files of one block. @throws AppError `MANIFEST_REFUSED` */
export function parseFiles(text: string): readonly ManifestFile[] {
  return rowsOf(text).map((row) => {
    if (!isFileRow(row)) throw manifestRefused('a line of it does not describe a file');
    return { path: row.path, signature: row.signature, size: row.size, mtimeMs: row.mtime, sha256: row.sha256 };
  });
}

/** Room for some ten million files. */
const MAX_MANIFEST_BYTES = 512 * 1024 * 1024;

/** @throws AppError `MANIFEST_REFUSED` */
export function assertManifestSize(bytes: number): void {
  if (bytes > MAX_MANIFEST_BYTES) throw manifestRefused('it is larger than any manifest');
}

/** What lies between a path and its signature in a line. */
const BEFORE_PATH = '{"path":"';
const BEFORE_SIGNATURE = '","signature":"';
const AFTER_SIGNATURE = '","size":';

/** JSON writes these in another way; what has one could be the JSON text of something else. */
const IS_ESCAPED = /["\\]/;

/**
 * Where the line that begins at `at` ends, when it lists this path with this signature; else -1.
 *
 * What JSON has to escape is never recognised: who is told -1 parses the line and sees.
 */
export function endOfLineFor(text: string, at: number, path: string, signature: string): number {
  const afterPath = at + BEFORE_PATH.length + path.length;
  const afterSignature = afterPath + BEFORE_SIGNATURE.length + signature.length;
  const same =
    text.startsWith(path, at + BEFORE_PATH.length) &&
    text.startsWith(BEFORE_SIGNATURE, afterPath) &&
    text.startsWith(signature, afterPath + BEFORE_SIGNATURE.length) &&
    text.startsWith(AFTER_SIGNATURE, afterSignature) &&
    text.startsWith(BEFORE_PATH, at);
  if (!same || IS_ESCAPED.test(path) || IS_ESCAPED.test(signature)) return -1;
  return text.indexOf('\n', afterSignature) + 1;
}

interface FileRow {
  readonly path: string;
  readonly signature: string;
  readonly size: number;
  readonly mtime: number;
  readonly sha256: Sha256;
}

function rowsOf(text: string): readonly unknown[] {
  try {
    // One call for all lines: a line break cannot stand inside a JSON string.
    return JSON.parse(`[${text.slice(0, -1).replaceAll('\n', ',')}]`) as unknown[];
  } catch (error) {
    throw manifestRefused('a line of it is not JSON', error);
  }
}

function isFileRow(row: unknown): row is FileRow {
  if (typeof row !== 'object' || row === null) return false;
  const { path, signature, size, mtime, sha256 } = row as Partial<Record<keyof FileRow, unknown>>;
  return (
    isPath(path) &&
    typeof signature === 'string' &&
    isCount(size) &&
    Number.isSafeInteger(mtime) &&
    typeof sha256 === 'string' &&
    isSha256(sha256)
  );
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/** A path of a manifest names a file below a folder, and never one beside or above it. */
const UNSAFE_PATH = /(?:^|\/)(?:\.{0,2})(?:\/|$)|\0/;
const isPath = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= MAX_PATH_BYTES && !UNSAFE_PATH.test(value);
