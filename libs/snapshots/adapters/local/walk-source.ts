import { lstatSync } from 'node:fs';

import { MAX_PATH_BYTES } from '../../manifest/manifest.js';
import { type SourceFile } from '../../source/source.js';
import { factsOf } from './file-facts.js';
import { onSource, sourceRefused } from './source-failure.js';
import { isInside, pathIn, readSourceFolder, type SourceEntry } from './source-folder.js';

/** Links to folders may multiply what they lead to; honest trees have a handful (`stable` → `bookworm`). */
const MAX_LINKED_FOLDERS = 1_000;

interface Level {
  readonly real: string;
  readonly path: string;
  readonly entries: readonly SourceEntry[];
  next: number;
}

/**
 * The files below a published folder in byte order of path, in batches. Blocks its thread for one batch at a time and
 * holds the names of one folder per level.
 *
 * @param root the published folder, itself resolved
 */
export function* walkSource(root: string, batchSize: number): Generator<readonly SourceFile[]> {
  let batch: SourceFile[] = [];
  let linkedFolders = 0;
  const levels = [open(root, root, '')];
  for (let level = levels.at(-1); level !== undefined; level = levels.at(-1)) {
    const entry = level.entries[level.next++];
    if (entry === undefined) levels.pop();
    else if (entry.kind === 'file') batch.push(fileAt(entry.real, pathIn(level.path, entry.name)));
    else {
      const path = pathIn(level.path, entry.name);
      if (entry.linked) refuseEndless(levels, entry, path, (linkedFolders += 1));
      levels.push(open(root, entry.real, path));
    }
    if (batch.length >= batchSize) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}

const open = (root: string, real: string, path: string): Level => ({
  real,
  path,
  entries: readSourceFolder(root, real, path),
  next: 0,
});

function fileAt(real: string, path: string): SourceFile {
  if (path.length > MAX_PATH_BYTES / 4 && Buffer.byteLength(path) > MAX_PATH_BYTES) {
    throw sourceRefused(path, `has a path of more than ${String(MAX_PATH_BYTES)} bytes`);
  }
  const state = onSource(path, () => lstatSync(real, { bigint: true }));
  if (!state.isFile()) throw sourceRefused(path, 'is not a regular file');
  return factsOf(path, state);
}

function refuseEndless(levels: readonly Level[], { real }: SourceEntry, path: string, count: number): void {
  if (levels.some((level) => isInside(real, level.real)))
    throw sourceRefused(path, 'is a link to a folder above itself');
  if (count > MAX_LINKED_FOLDERS) throw sourceRefused(path, 'is one of too many links to folders');
}
