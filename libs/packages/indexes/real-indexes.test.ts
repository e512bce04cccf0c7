import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';

import { isAppError } from '#libs/kernel/errors.js';

import { filesIn, packagesOf } from '../testing/index-files.js';
import { zstd } from '../unpack/zstd.js';

const EXAMPLES = resolve(__dirname, '../../../examples/upstream');
const DEBS = ['parceler-hello/parceler-hello_1.0.0_all.deb', 'parceler-motd/parceler-motd_1.2.1_all.deb'];

/** Indexes that the formats' own tools make, in a folder of their own. */
describe('an index made by its own tool', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'real-indexes-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const run = (program: string, ...args: readonly string[]): Buffer =>
    execFileSync(program, args, { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] });
  const write = (path: string, content: string | Buffer): void => {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), content);
  };
  const copyDebs = (to: string): void => {
    mkdirSync(join(folder, to), { recursive: true });
    for (const deb of DEBS) {
      copyFileSync(join(EXAMPLES, 'apt/pool/main/p', deb), join(folder, to, deb.replace(/^.*\//, '')));
    }
  };

  it.each([
    ['gzip', 'Packages.gz'],
    ['xz', 'Packages.xz'],
  ])('apt-ftparchive, packed by %s', async (program, name) => {
    copyDebs('debian/pool');
    write(
      'debian/dists/stable/main/binary-all/Packages',
      execFileSync('apt-ftparchive', ['packages', 'pool'], { cwd: join(folder, 'debian') }),
    );
    run(program, '-9', 'debian/dists/stable/main/binary-all/Packages');
    const found = await packagesOf(`debian/dists/stable/main/binary-all/${name}`, filesIn(folder));
    expect(found.map(({ name: title, version, path }) => [title, version, path])).toEqual([
      ['parceler-hello', '1.0.0', 'debian/pool/parceler-hello_1.0.0_all.deb'],
      ['parceler-motd', '1.2.1', 'debian/pool/parceler-motd_1.2.1_all.deb'],
    ]);
    for (const { path = '', size, hash } of found) {
      expect(size).toBe(readFileSync(join(folder, path)).length);
      expect(hash?.value).toBe(run('sha256sum', path).toString().slice(0, 64));
    }
  });

  it('dpkg-scanpackages, one folder for all', async () => {
    copyDebs('flat');
    write(
      'flat/Packages',
      execFileSync('dpkg-scanpackages', ['.'], { cwd: join(folder, 'flat'), stdio: ['ignore', 'pipe', 'ignore'] }),
    );
    const found = await packagesOf('flat/Packages', filesIn(folder));
    expect(found.map(({ path }) => path)).toEqual([
      'flat/parceler-hello_1.0.0_all.deb',
      'flat/parceler-motd_1.2.1_all.deb',
    ]);
  });

  it("the examples' own feed of opkg", async () => {
    const found = await packagesOf('opkg/Packages.gz', filesIn(EXAMPLES));
    expect(found.map(({ path, arch }) => [path, arch])).toEqual([
      ['opkg/parceler-hello_1.0.0_all.ipk', 'all'],
      ['opkg/parceler-motd_1.2.1_all.ipk', 'all'],
    ]);
  });

  it('tar, as apk 2 signs and packs its index', async () => {
    const index = 'C:Q1aaaa=\nP:busybox\nV:1.36.1-r2\nA:x86_64\nS:509600\n\nP:musl\nV:1.2.4-r2\nA:x86_64\nS:1\n\n';
    write('.SIGN.RSA.key.pub', 'signature');
    write('DESCRIPTION', 'main');
    write('APKINDEX', index);
    const signature = run('tar', '--format=ustar', '-c', '.SIGN.RSA.key.pub').subarray(0, 1_024); // cut, as abuild-tar does
    const content = run('tar', '--format=ustar', '-c', 'DESCRIPTION', 'APKINDEX');
    write('v3.22/APKINDEX.tar.gz', Buffer.concat([gzipSync(signature), gzipSync(content)]));
    expect(await packagesOf('v3.22/APKINDEX.tar.gz', filesIn(folder))).toEqual([
      {
        name: 'busybox',
        version: '1.36.1-r2',
        arch: 'x86_64',
        path: 'v3.22/busybox-1.36.1-r2.apk',
        size: 509_600,
        hash: undefined,
      },
      { name: 'musl', version: '1.2.4-r2', arch: 'x86_64', path: 'v3.22/musl-1.2.4-r2.apk', size: 1, hash: undefined },
    ]);
  });

  function makeRpm(name: string, epoch: string): void {
    const lines = [
      `Name: ${name}`,
      `Epoch: ${epoch}`,
      'Version: 1.0~rc1',
      'Release: 2',
      'Summary: s',
      'License: x',
      'BuildArch: noarch',
    ];
    write('a.spec', [...lines, '%description', 'd', '%files', ''].join('\n'));
    run('rpmbuild', '-bb', '--define', `_topdir ${folder}/build`, '--define', `_rpmdir ${folder}/el9`, 'a.spec');
  }

  it.each(['gz', 'xz'])('createrepo_c, packed by %s', async (packing) => {
    makeRpm('hello', '0');
    makeRpm('motd', '3');
    run('createrepo_c', '--general-compress-type', packing, 'el9');
    const found = await packagesOf('el9/repodata/repomd.xml', filesIn(folder));
    expect(found.map(({ name, version, arch, path }) => [name, version, arch, path]).toSorted()).toEqual([
      ['hello', '1.0~rc1-2', 'noarch', 'el9/noarch/hello-1.0~rc1-2.noarch.rpm'],
      ['motd', '3:1.0~rc1-2', 'noarch', 'el9/noarch/motd-1.0~rc1-2.noarch.rpm'],
    ]);
    for (const { path = '', size, hash } of found) {
      expect(size).toBe(readFileSync(join(folder, path)).length);
      expect(hash?.value).toBe(run('sha256sum', path).toString().slice(0, 64));
    }
  });

  it('zstd, where Node can unpack it', async () => {
    write('Packages', readFileSync(join(EXAMPLES, 'opkg/Packages')));
    run('zstd', '--rm', 'Packages');
    const reading = packagesOf('Packages.zst', filesIn(folder)).then(
      (found) => found.length,
      (error: unknown) => isAppError(error, 'INDEX_UNREADABLE') && 'unreadable',
    );
    expect(await reading).toBe(zstd.createZstdDecompress ? 2 : 'unreadable');
  });
});
