import { createHash } from 'node:crypto';

import { type Sha256 } from '#libs/storage/layout.js';

import { packBlock, storeBlock, unpackBlock, type Block } from './block.js';
import {
  assertManifestSize,
  fileLine,
  headerLine,
  parseFiles,
  trailerLine,
  type ManifestFile,
  type ManifestHeader,
} from './manifest.js';

const LINES_PER_BLOCK = 512;
/** Less than this is not worth a block of its own. */
const FEW_LINES = LINES_PER_BLOCK / 4;
const TEXT_PER_BLOCK = 256 * 1024;

export interface SealedManifest {
  readonly bytes: Buffer;
  /** Of those bytes. */
  readonly sha256: Sha256;
}

/**
 * A manifest that is being put together, file by file in byte order of path. What did not change since the manifest
 * before is taken over as packed blocks. Holds packed text only: some 50 bytes a file.
 */
export class ManifestDraft {
  private readonly blocks: Block[] = [];
  private text = '';
  private lines = 0;
  private listed = { files: 0, bytes: 0 };

  get totals(): { readonly files: number; readonly bytes: number } {
    return this.listed;
  }

  add(file: ManifestFile): void {
    this.addLines(fileLine(file), { files: 1, bytes: file.size });
  }

  /** Whole lines of another manifest. */
  addLines(text: string, { files, bytes }: { readonly files: number; readonly bytes: number }): void {
    this.text += text;
    this.lines += files;
    this.listed = { files: this.listed.files + files, bytes: this.listed.bytes + bytes };
    if (this.lines >= LINES_PER_BLOCK || this.text.length >= TEXT_PER_BLOCK) this.closeBlock();
  }

  /** A whole block of another manifest. */
  addBlock(block: Block, counts: { readonly files: number; readonly bytes: number }): void {
    if (this.lines > 0 && this.lines < FEW_LINES) {
      this.addLines(unpackBlock(block), counts);
      return;
    }
    this.closeBlock();
    this.blocks.push(block);
    this.listed = { files: this.listed.files + counts.files, bytes: this.listed.bytes + counts.bytes };
  }

  /** Everything added so far. */
  *files(): Generator<ManifestFile> {
    this.closeBlock();
    for (const block of this.blocks) yield* parseFiles(unpackBlock(block));
  }

  /** @throws AppError `MANIFEST_REFUSED` when it could not be read again */
  seal(facts: Omit<ManifestHeader, 'files' | 'bytes'>): SealedManifest {
    this.closeBlock();
    const hash = createHash('sha256');
    const parts = [packBlock('H', headerLine({ ...facts, ...this.listed })), ...this.blocks].map(({ bytes }) => bytes);
    for (const bytes of parts) hash.update(bytes);
    const before = hash.copy().digest('hex') as Sha256;
    const trailer = storeBlock('T', trailerLine({ files: this.listed.files, sha256: before })).bytes;
    const bytes = Buffer.concat([...parts, trailer]);
    assertManifestSize(bytes.length);
    return { bytes, sha256: hash.update(trailer).digest('hex') as Sha256 };
  }

  private closeBlock(): void {
    if (this.lines === 0) return;
    this.blocks.push(packBlock('F', this.text));
    this.text = '';
    this.lines = 0;
  }
}
