import { createHash } from 'node:crypto';

import { type Sha256 } from '#libs/storage/layout.js';

import { type SourceFile } from '../../source/source.js';
import { nextChunk, type Steps } from './ingest-file.js';

/** The hash of an open file; `undefined` when there were fewer bytes than the file should have. */
export function* hashed(source: number, file: SourceFile): Steps<Sha256 | undefined> {
  const digest = createHash('sha256');
  for (let read = 0; read < file.size;) {
    const bytes = nextChunk(source, file, file.size - read);
    if (bytes.length === 0) return undefined;
    read += bytes.length;
    digest.update(bytes);
    yield;
  }
  return digest.digest('hex') as Sha256;
}
