import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A small Debian archive of real packages from the mirror that this machine uses, indexed by Debian's own tool: what an
 * upstream looks like to a sync command and, through Parceler, to apt.
 */
export class DebianArchive {
  readonly folder = mkdtempSync(join(tmpdir(), 'debian-archive-'));
  private readonly pool = join(this.folder, 'pool');

  /** Downloads packages from the machine's mirror, and indexes again. */
  add(...packages: readonly string[]): void {
    mkdirSync(this.pool, { recursive: true });
    execFileSync('apt-get', ['download', '-q', ...packages], { cwd: this.pool, stdio: 'ignore' });
    this.index();
  }

  /** Takes a package out, and indexes again. */
  remove(name: string): void {
    for (const file of this.files(name)) rmSync(join(this.pool, file));
    this.index();
  }

  files(prefix = ''): readonly string[] {
    return readdirSync(this.pool)
      .filter((file) => file.startsWith(prefix))
      .toSorted();
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private index(): void {
    const binary = 'dists/stable/main/binary-amd64';
    mkdirSync(join(this.folder, binary), { recursive: true });
    const packages = this.ftparchive('packages', 'pool');
    writeFileSync(join(this.folder, binary, 'Packages'), packages);
    execFileSync('gzip', ['-9nkf', join(this.folder, binary, 'Packages')]);
    rmSync(join(this.folder, 'dists/stable/Release'), { force: true });
    const fields = { Suite: 'stable', Codename: 'stable', Architectures: 'amd64', Components: 'main' };
    const options = Object.entries(fields).flatMap(([key, value]) => [
      '-o',
      `APT::FTPArchive::Release::${key}=${value}`,
    ]);
    writeFileSync(join(this.folder, 'dists/stable/Release'), this.ftparchive(...options, 'release', 'dists/stable'));
  }

  private ftparchive(...args: readonly string[]): Buffer {
    return execFileSync('apt-ftparchive', args, { cwd: this.folder, stdio: ['ignore', 'pipe', 'ignore'] });
  }
}
