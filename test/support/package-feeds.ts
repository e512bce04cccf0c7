import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const EXAMPLES = resolve('examples/upstream');

/** The example's feeds of opkg and apt, with other versions of its packages made of the real ones. */
export class PackageFeeds {
  readonly folder = mkdtempSync(join(tmpdir(), 'package-feeds-'));
  readonly command = `rsync -a --delete ${this.folder}/ "$SOURCE_DIR"/`;

  constructor() {
    cpSync(EXAMPLES, this.folder, { recursive: true });
  }

  /** Puts a version of a package in the place of the one that both feeds have. */
  replace(name: string, version: string): void {
    this.replaceIpk(name, version);
    this.replaceDeb(name, version);
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** opkg goes by the index alone. */
  private replaceIpk(name: string, version: string): void {
    const feed = join(this.folder, 'opkg');
    const old = readdirSync(feed).find((file) => file.startsWith(`${name}_`)) ?? '';
    const file = `${name}_${version}_all.ipk`;
    cpSync(join(feed, old), join(this.folder, file));
    rmSync(join(feed, old));
    cpSync(join(this.folder, file), join(feed, file));
    rmSync(join(this.folder, file));
    const index = readFileSync(join(feed, 'Packages'), 'utf8')
      .split('\n\n')
      .map((stanza) =>
        stanza.startsWith(`Package: ${name}\n`)
          ? stanza.replace(/^Version: .*$/m, `Version: ${version}`).replace(/^Filename: .*$/m, `Filename: ${file}`)
          : stanza,
      );
    writeFileSync(join(feed, 'Packages'), index.join('\n\n'));
    execFileSync('gzip', ['-9nkf', join(feed, 'Packages')]);
  }

  private replaceDeb(name: string, version: string): void {
    const pool = join(this.folder, 'apt/pool/main/p', name);
    const old = join(pool, readdirSync(pool)[0] ?? '');
    const unpacked = join(this.folder, 'unpacked');
    execFileSync('dpkg-deb', ['-R', old, unpacked]);
    const control = join(unpacked, 'DEBIAN/control');
    writeFileSync(control, readFileSync(control, 'utf8').replace(/^Version: .*$/m, `Version: ${version}`));
    rmSync(old);
    execFileSync('dpkg-deb', ['--root-owner-group', '-b', unpacked, pool], { stdio: 'ignore' });
    rmSync(unpacked, { recursive: true });
    const index = execFileSync('apt-ftparchive', ['packages', 'pool'], {
      cwd: join(this.folder, 'apt'),
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    for (const arch of ['all', 'amd64']) {
      const folder = join(this.folder, 'apt/dists/stable/main', `binary-${arch}`);
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'Packages'), index);
      execFileSync('gzip', ['-9nkf', join(folder, 'Packages')]);
    }
  }
}
