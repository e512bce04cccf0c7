import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** An upstream of plain files, mirrored by a sync command that keeps the source exactly like it. */
export class PlainUpstream {
  readonly folder = mkdtempSync(join(tmpdir(), 'upstream-'));

  readonly command = `rsync -a --delete ${this.folder}/ "$SOURCE_DIR"/`;

  write(path: string, content: string | Buffer): void {
    const file = join(this.folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }

  remove(path: string): void {
    rmSync(join(this.folder, path), { recursive: true, force: true });
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
