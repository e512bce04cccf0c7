import { byBytes } from '#libs/kernel/byte-order.js';

import { unpackBlock, type Block } from '../manifest/block.js';
import { endOfLineFor, fileLine, parseFiles, type ManifestFile } from '../manifest/manifest.js';
import { type Manifest } from '../manifest/read-manifest.js';
import { ManifestDraft } from '../manifest/write-manifest.js';
import { type ChangeCounts, type ListedFile } from '../snapshot.js';
import { type CatalogChange } from '../snapshot-store.js';
import { type IngestedFile, type SourceFile } from './source.js';

/** What a source holds, and how that differs from the manifest before. */
export interface SourceList {
  readonly draft: ManifestDraft;
  /** Nothing when there was no manifest before: then all files are new, and may be a million. */
  readonly changes: readonly CatalogChange[];
  readonly counts: ChangeCounts;
}

export interface Before {
  readonly manifest: Pick<Manifest, 'blocks'>;
  /** Whether a file with an unchanged signature needs no second look. */
  readonly trusted: boolean;
}

export type Ingest = (files: readonly SourceFile[]) => Promise<readonly IngestedFile[]>;

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

interface Counts {
  readonly files: number;
  readonly bytes: number;
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

/** More than a block has lines. */
const UPCOMING = 1_024;

class WalkedFiles {
  private readonly batches: AsyncIterator<readonly SourceFile[], unknown>;
  private files: readonly SourceFile[] = [];
  private at = 0;
  private ended = false;

  constructor(walk: AsyncIterable<readonly SourceFile[]>) {
    this.batches = walk[Symbol.asyncIterator]();
  }

  buffered(): SourceFile | undefined {
    return this.files[this.at];
  }

  async first(): Promise<SourceFile | undefined> {
    await this.fill(1);
    return this.files[this.at];
  }

  async upcoming(): Promise<readonly SourceFile[]> {
    await this.fill(UPCOMING);
    return this.files.slice(this.at, this.at + UPCOMING);
  }

  skip(count: number): void {
    this.at += count;
  }

  private async fill(wanted: number): Promise<void> {
    while (!this.ended && this.files.length - this.at < wanted) {
      const batch = await this.batches.next();
      this.ended = batch.done === true;
      if (batch.done === true) break;
      this.files = [...this.files.slice(this.at), ...batch.value];
      this.at = 0;
    }
  }
}

/** What is ingested, and made durable, at once. */
const FILES_AT_ONCE = 8_192;
const BYTES_AT_ONCE = 256 * 1024 * 1024;

type Segment =
  | { readonly kind: 'block'; readonly block: Block; readonly counts: Counts }
  | { readonly kind: 'lines'; readonly text: string; readonly counts: Counts }
  | { readonly kind: 'file'; readonly file: SourceFile; readonly before: ManifestFile | undefined };

/** Keeps what is unchanged in its place behind files that are still to be ingested, so that these can come in batches. */
class ListBuilder implements SourceList {
  readonly draft = new ManifestDraft();
  readonly changes: CatalogChange[] = [];
  private segments: Segment[] = [];
  private pending: SourceFile[] = [];
  private pendingBytes = 0;
  private tally = { added: 0, changed: 0, removed: 0 };

  constructor(
    private readonly ingest: Ingest,
    private readonly notesChanges: boolean,
  ) {}

  get counts(): ChangeCounts {
    return this.tally;
  }

  keepBlock(block: Block, counts: Counts): void {
    this.put({ kind: 'block', block, counts });
  }

  keepLines(text: string, counts: Counts): void {
    if (counts.files > 0) this.put({ kind: 'lines', text, counts });
  }

  keep(file: ManifestFile): void {
    this.put({ kind: 'lines', text: fileLine(file), counts: { files: 1, bytes: file.size } });
  }

  drop(path: string): void {
    this.tally.removed += 1;
    this.changes.push({ path, file: undefined });
  }

  async take(file: SourceFile, before: ManifestFile | undefined): Promise<void> {
    this.pending.push(file);
    this.pendingBytes += file.size;
    this.segments.push({ kind: 'file', file, before });
    if (this.pending.length >= FILES_AT_ONCE || this.pendingBytes >= BYTES_AT_ONCE) await this.settle();
  }

  async settle(): Promise<void> {
    if (this.pending.length === 0) return;
    const ingested = (await this.ingest(this.pending)).values();
    for (const segment of this.segments) {
      if (segment.kind === 'file') this.list(ingested.next().value, segment.before);
      else this.write(segment);
    }
    this.segments = [];
    this.pending = [];
    this.pendingBytes = 0;
  }

  private put(segment: Exclude<Segment, { kind: 'file' }>): void {
    if (this.pending.length > 0) this.segments.push(segment);
    else this.write(segment);
  }

  private write(segment: Exclude<Segment, { kind: 'file' }>): void {
    if (segment.kind === 'block') this.draft.addBlock(segment.block, segment.counts);
    else this.draft.addLines(segment.text, segment.counts);
  }

  private list(ingested: IngestedFile | undefined, before: ManifestFile | undefined): void {
    if (ingested === undefined) throw new Error('the source ingested fewer files than it was asked to');
    const same = before?.sha256 === ingested.sha256;
    // Content that did not change keeps its time, so that what clients have cached stays valid.
    const file = same ? { ...ingested, mtimeMs: before.mtimeMs } : ingested;
    this.draft.add(file);
    if (same) return;
    this.tally[before ? 'changed' : 'added'] += 1;
    if (this.notesChanges) this.changes.push({ path: file.path, file: listed(file) });
  }
}

/** A file as the catalog has it. */
export const listed = ({ path, sha256, size, mtimeMs }: ManifestFile): ListedFile => ({ path, sha256, size, mtimeMs });
