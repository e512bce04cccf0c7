import { byBytes } from '#libs/kernel/byte-order.js';

import { unpackBlock, type Block } from '../manifest/block.js';
import { endOfLineFor, parseFiles, type ManifestFile } from '../manifest/manifest.js';
import { type Manifest } from '../manifest/read-manifest.js';
import { ListBuilder, type Counts, type Ingest, type SourceList } from './list-builder.js';
import { type SourceFile } from './source.js';
import { WalkedFiles } from './walked-files.js';

export interface Before {
  readonly manifest: Pick<Manifest, 'blocks'>;
  /** Whether a file with an unchanged signature needs no second look. */
  readonly trusted: boolean;
}

/**
 * Joins the walk through a source with the manifest before; both are in byte order of path. Where all is as it was,
 * blocks of the manifest are taken over unparsed: an unchanged source costs little more than the walk.
 */
export async function listSource(
  walk: AsyncIterable<readonly SourceFile[]>,
  before: Before | undefined,
  ingest: Ingest,
): Promise<SourceList> {
  const files = new WalkedFiles(walk);
  const list = new ListBuilder(ingest, before !== undefined);
  for (const block of before?.manifest.blocks ?? []) await joinBlock(block, before?.trusted === true, files, list);
  for (let file = await files.first(); file !== undefined; file = await files.first()) {
    files.skip(1);
    await list.take(file, undefined);
  }
  await list.settle();
  return list;
}

async function joinBlock(block: Block, trusted: boolean, files: WalkedFiles, list: ListBuilder): Promise<void> {
  const text = unpackBlock(block);
  const same = trusted ? sameLines(text, await files.upcoming()) : NOTHING;
  files.skip(same.files);
  if (same.end === text.length) {
    list.keepBlock(block, same);
    return;
  }
  list.keepLines(text.slice(0, same.end), same);
  for (const old of parseFiles(text.slice(same.end))) await joinFile(old, trusted, files, list);
}

/** Takes what comes before a listed file in the walk, and then that file itself, or notes that it is gone. */
async function joinFile(old: ManifestFile, trusted: boolean, files: WalkedFiles, list: ListBuilder): Promise<void> {
  for (;;) {
    const file = files.buffered() ?? (await files.first());
    if (file === undefined) break;
    const order = byBytes(file.path, old.path);
    if (order > 0) break;
    files.skip(1);
    if (order < 0) await list.take(file, undefined);
    else if (trusted && file.signature === old.signature) list.keep(old);
    else await list.take(file, old);
    if (order === 0) return;
  }
  list.drop(old.path);
}

const NOTHING = { files: 0, bytes: 0, end: 0 };

/** How far a block's lines list just these files, unchanged. */
function sameLines(text: string, files: readonly SourceFile[]): Counts & { readonly end: number } {
  let end = 0;
  let bytes = 0;
  let count = 0;
  for (const { path, signature, size } of files) {
    const next = end === text.length ? -1 : endOfLineFor(text, end, path, signature);
    if (next < 0) break;
    end = next;
    bytes += size;
    count += 1;
  }
  return { files: count, bytes, end };
}
