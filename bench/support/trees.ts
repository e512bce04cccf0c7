import { randomFillSync } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface TreeShape {
  readonly files: number;
  readonly bytesEach: number;
  readonly filesPerFolder: number;
}

const WORDS = ['kernel', 'lib', 'python', 'luci', 'perl', 'golang', 'font', 'gtk', 'kmod', 'node'];

/** Where a mirror of packages would have its nth file: `targets/042/packages/luci-00042017_1.17-2_all.ipk`. */
export function packagePath(n: number, filesPerFolder: number): string {
  const folder = String(Math.floor(n / filesPerFolder)).padStart(3, '0');
  const name = `${WORDS[n % WORDS.length] ?? ''}-${String(n).padStart(8, '0')}_1.${String(n % 40)}-2_all.ipk`;
  return `targets/${folder}/packages/${name}`;
}

/** Writes a tree of files, each with a content of its own that cannot be compressed. Answers with their paths. */
export function writeTree(root: string, { files, bytesEach, filesPerFolder }: TreeShape): readonly string[] {
  const content = randomFillSync(Buffer.alloc(bytesEach));
  const paths: string[] = [];
  for (let n = 0; n < files; n += 1) {
    const path = packagePath(n, filesPerFolder);
    const file = join(root, path);
    if (n % filesPerFolder === 0) mkdirSync(dirname(file), { recursive: true });
    content.writeUInt32BE(n);
    writeFileSync(file, content);
    paths.push(path);
  }
  return paths;
}
