import { createHash } from 'node:crypto';
import fs from 'node:fs';

import { type IngestedFile, type SourceFile } from '../source/source.js';
import { DEBIAN, SnapshotWorld } from './snapshot-world.js';

/** What a source must not hold. */
export const REFUSED = { code: 'SOURCE_REFUSED', kind: 'conflict' };

export const sha256Of = (content: string | Buffer): string => createHash('sha256').update(content).digest('hex');

/** The source of one repository, in a real folder that is empty at first. */
export class SourceWorld {
  private constructor(readonly world: SnapshotWorld) {}

  static async make(): Promise<SourceWorld> {
    const world = await SnapshotWorld.make();
    fs.mkdirSync(world.sourcePath());
    return new SourceWorld(world);
  }

  async walk(folder?: string): Promise<readonly SourceFile[]> {
    const files: SourceFile[] = [];
    for await (const batch of this.world.source.walk(DEBIAN, folder)) files.push(...batch);
    return files;
  }

  async paths(folder?: string): Promise<readonly string[]> {
    return (await this.walk(folder)).map(({ path }) => path);
  }

  ingest(files: readonly SourceFile[], signal = new AbortController().signal): Promise<readonly IngestedFile[]> {
    return this.world.source.ingest(DEBIAN, undefined, files, 'run-1', signal);
  }

  remove(): void {
    this.world.remove();
  }
}
