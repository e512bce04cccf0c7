import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type SeededRandom } from './seeded-random.js';

const FOLDERS = ['a', 'b', 'c', 'd'];
const FILES_PER_FOLDER = 40;
const CHANGED_PER_FOLDER = 12;
const LARGEST = 64 * 1024;
/** Is copied in pieces, so that a worker can be killed within it. */
const BIG = { path: 'big.img', bytes: 2_500_000 };

/** Path → SHA-256 of its content. */
export type Contents = ReadonlyMap<string, string>;

/** An upstream that changes, and remembers each state that it was ever in: what a whole snapshot of it may look like. */
export class ChangingUpstream {
  readonly folder = mkdtempSync(join(tmpdir(), 'upstream-'));
  readonly versions: Contents[] = [];
  /** Small files that are in every version, and different in each. */
  readonly lasting: readonly string[] = ['VERSION', ...FOLDERS.map((folder) => `${folder}/0`)];
  private readonly now = new Map<string, string>();
  private names = 0;

  constructor(private readonly random: SeededRandom) {
    for (const folder of FOLDERS) {
      mkdirSync(join(this.folder, folder));
      for (let file = 0; file < FILES_PER_FOLDER; file += 1) this.write(`${folder}/${String(file)}`);
    }
    this.finish();
  }

  get latest(): Contents {
    return this.versions.at(-1) ?? new Map();
  }

  /** A command that mirrors it folder by folder, so slowly that it can be met half way, beside a child that beats. */
  command(heartbeat: string, overlaps: string): string {
    const parts = FOLDERS.map(
      (part) => `rsync -a --checksum --delete ${this.folder}/${part}/ "$SOURCE_DIR/${part}/"; sleep 0.08`,
    );
    return [
      // Whoever was left behind by an earlier command still holds this lock (trust I-12).
      `exec 9>${overlaps}.lock; flock -n 9 || echo overlap >>${overlaps}`,
      `setsid sh -c 'while :; do echo beat >${heartbeat}; sleep 0.03; done' &`,
      ...parts,
      `rsync -a --checksum --delete ${this.folder}/ "$SOURCE_DIR/"`,
    ].join('\n');
  }

  /** Rewrites, adds and removes some files. */
  change(): void {
    for (const folder of FOLDERS) {
      const files = [...this.now.keys()].filter((path) => path.startsWith(`${folder}/`) && path !== `${folder}/0`);
      const [removed, ...rewritten] = this.random.sample(files, CHANGED_PER_FOLDER);
      if (removed !== undefined) this.remove(removed);
      for (const path of [...rewritten, `${folder}/0`]) this.write(path);
      this.write(`${folder}/new-${String((this.names += 1))}`);
    }
    this.finish();
  }

  /** Whether some version has all of these contents. */
  hasAll(contents: Contents): boolean {
    return this.versions.some((version) => [...contents].every(([path, hash]) => version.get(path) === hash));
  }

  /** Whether some version ever had this content. */
  everHad(hash: string): boolean {
    return this.versions.some((version) => [...version.values()].includes(hash));
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private finish(): void {
    this.write(BIG.path, this.random.bytes(BIG.bytes));
    this.write('VERSION', Buffer.from(`version ${String(this.versions.length + 1)}\n`));
    this.versions.push(new Map(this.now));
  }

  private write(path: string, content = this.random.bytes(1 + this.random.integer(LARGEST))): void {
    writeFileSync(join(this.folder, path), content);
    this.now.set(path, sha256(content));
  }

  private remove(path: string): void {
    rmSync(join(this.folder, path));
    this.now.delete(path);
  }
}

export const sha256 = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex');
