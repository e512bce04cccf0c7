import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';

import { indexAt } from '../indexes/index-at.js';
import { INDEX_LIMITS, type IndexedPackage, type IndexFiles, type IndexLimits } from '../indexes/package-index.js';
import { readIndex } from '../indexes/read-index.js';

export type Files = Readonly<Record<string, string | Buffer>>;

/** Hands contents out in pieces of so many bytes, since what is read falls apart anywhere. */
export const indexFiles = (files: Files, piece = 1_000): IndexFiles => ({
  open: (path) => {
    const content = files[path];
    return Promise.resolve(content === undefined ? undefined : Readable.from(pieces(Buffer.from(content), piece)));
  },
});

function* pieces(content: Buffer, length: number): Generator<Buffer> {
  for (let at = 0; at < content.length; at += length) yield content.subarray(at, at + length);
}

/** All that the index names which the file at `path` is a part of. */
export async function packagesOf(
  path: string,
  files: Files,
  limits: Partial<IndexLimits> = {},
  piece?: number,
): Promise<readonly IndexedPackage[]> {
  const index = indexAt(path);
  if (index === undefined) throw new Error(`${path} is no index`);
  const batches = await readIndex(index, indexFiles(files, piece), { ...INDEX_LIMITS, ...limits });
  const all: IndexedPackage[] = [];
  for await (const batch of batches ?? []) all.push(...batch);
  return all;
}

/** Every file below a folder. */
export const filesIn = (folder: string): Files =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => statSync(join(folder, name)).isFile())
      .map((name) => [name, readFileSync(join(folder, name))]),
  );
