import { type SourceFile } from './source.js';

/** More than a block has lines. */
const UPCOMING = 1_024;

/** The files of a walk, to be looked at before they are taken. */
export class WalkedFiles {
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
