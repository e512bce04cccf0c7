import { type Block } from '../manifest/block.js';
import { fileLine, type ManifestFile } from '../manifest/manifest.js';
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

export type Ingest = (files: readonly SourceFile[]) => Promise<readonly IngestedFile[]>;

export interface Counts {
  readonly files: number;
  readonly bytes: number;
}

/** What is ingested, and made durable, at once. */
const FILES_AT_ONCE = 8_192;
const BYTES_AT_ONCE = 256 * 1024 * 1024;

type Segment =
  | { readonly kind: 'block'; readonly block: Block; readonly counts: Counts }
  | { readonly kind: 'lines'; readonly text: string; readonly counts: Counts }
  | { readonly kind: 'file'; readonly file: SourceFile; readonly before: ManifestFile | undefined };

/** Keeps what is unchanged in its place behind files that are still to be ingested, so that these can come in batches. */
export class ListBuilder implements SourceList {
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
