import { deflateRawSync, gzipSync } from 'node:zlib';

import fc from 'fast-check';

import { AppError } from '#libs/kernel/errors.js';

import { writeAdbIndex } from '../testing/adb-writer.js';
import { packagesOf, type Files } from '../testing/index-files.js';
import { zstd } from '../unpack/zstd.js';
import { type IndexedPackage } from './package-index.js';

const SHA256 = '0f'.repeat(32);
const short = ({ name, version, arch, path }: IndexedPackage) => `${name} ${version} ${arch} ${path ?? '-'}`;
const read = async (path: string, files: Files) => (await packagesOf(path, files)).map(short);

describe('a control index', () => {
  const text = `Package: hello
Version: 2:1.0-1
Architecture: all
Description: says hello
 Version: not this one
Filename: ./hello_1.0_all.ipk
Size: 625
SHA256sum: ${SHA256}

Package: motd\r
Version: 1.2\r
\r
`;

  it.each([1, 7, 100_000])('is read in pieces of %d bytes', async (piece) => {
    expect(await packagesOf('feed/Packages', { 'feed/Packages': text }, {}, piece)).toEqual([
      {
        name: 'hello',
        version: '2:1.0-1',
        arch: 'all',
        path: 'feed/hello_1.0_all.ipk',
        size: 625,
        hash: { algorithm: 'sha256', value: SHA256 },
      },
      { name: 'motd', version: '1.2', arch: '', path: undefined, size: undefined, hash: undefined },
    ]);
  });

  it('of nothing names nothing', async () => {
    expect(await read('Packages.gz', { 'Packages.gz': gzipSync('') })).toEqual([]);
    expect(await read('Packages', { Packages: '\n\n' })).toEqual([]);
  });

  it('is read from another form when the plain one is gone', async () => {
    expect(await read('feed/Packages', { 'feed/Packages.gz': gzipSync(text) })).toHaveLength(2);
  });
});

describe('an index of apk 3', () => {
  const packages = [
    { name: 'base-files', version: '1672~a1b2-r0', arch: 'x86_64', size: 12_345 },
    { name: 'kernel', version: '6.6.1-r1', arch: 'noarch', size: 0x20000000 },
  ];
  const adb = writeAdbIndex(packages);
  const expected = [
    'base-files 1672~a1b2-r0 x86_64 base/base-files-1672~a1b2-r0.apk',
    'kernel 6.6.1-r1 noarch base/kernel-6.6.1-r1.apk',
  ];

  it.each([
    ['as it is', adb],
    ['deflated, as apk mkndx does', Buffer.concat([Buffer.from('ADBd'), deflateRawSync(adb)])],
    ['deflated at a level of its own', Buffer.concat([Buffer.from('ADBc\x01\x09', 'latin1'), deflateRawSync(adb)])],
    ['by name not packed', Buffer.concat([Buffer.from('ADBc\x00\x01', 'latin1'), adb])],
  ])('is read %s', async (_, content) => {
    // The first two bytes behind ADBc name the method; what is not packed begins anew with ADB.
    expect(await read('base/packages.adb', { 'base/packages.adb': content })).toEqual(expected);
    const [, kernel] = await packagesOf('base/packages.adb', { 'base/packages.adb': content });
    expect(kernel?.size).toBe(0x20000000);
  });

  it('names files after a pattern of its own', async () => {
    const content = writeAdbIndex(packages, '${arch}/${name:2}/${name}-${version}.apk');
    expect(await read('packages.adb', { 'packages.adb': content })).toContain(
      'base-files 1672~a1b2-r0 x86_64 x86_64/ba/base-files-1672~a1b2-r0.apk',
    );
    const unknown = writeAdbIndex(packages, '${hash}.apk');
    expect(await read('packages.adb', { 'packages.adb': unknown })).toContain('kernel 6.6.1-r1 noarch -');
  });
});

describe('a repository of Composer', () => {
  const one = { version: '1.0.0', dist: { type: 'zip', url: 'dist/a-1.0.0.zip', shasum: '0f'.repeat(20) } };

  it('is read with what it includes and with the files of its providers, as far as they are there', async () => {
    const files = {
      'php/packages.json': JSON.stringify({
        packages: { 'v/a': { '1.0.0': { name: 'v/a', ...one } } },
        includes: { 'include/all$0f.json': {}, 'include/gone.json': {} },
        'providers-url': '/p/%package%$%hash%.json',
        'provider-includes': { 'p/latest$%hash%.json': { sha256: 'aa' }, 'p/gone$%hash%.json': { sha256: 'bb' } },
      }),
      'php/include/all$0f.json': JSON.stringify({ packages: { 'v/b': { 'dev-main': { version: 'dev-main' } } } }),
      'php/p/latest$aa.json': JSON.stringify({ providers: { 'v/c': { sha256: 'cc' }, 'v/d': { sha256: 'dd' } } }),
      'php/p/v/c$cc.json': JSON.stringify({
        packages: { 'v/c': { '2.0': { version: '2.0', dist: { url: 'https://x.example/c.zip' } } } },
      }),
    };
    expect(await read('php/packages.json', files)).toEqual([
      'v/a 1.0.0  php/dist/a-1.0.0.zip',
      'v/b dev-main  -',
      'v/c 2.0  -',
    ]);
  });

  it("reads a package's own file, in which each version says how it differs from the one before", async () => {
    const versions = [{ name: 'v/a', ...one, version: '2.0.0' }, { version: '1.0.0' }];
    const [, second] = await packagesOf('p2/v/a.json', {
      'p2/v/a.json': JSON.stringify({ packages: { 'v/a': versions } }),
    });
    expect(second).toMatchObject({ name: 'v/a', version: '1.0.0', hash: { algorithm: 'sha1' } });
  });

  it('takes another packages.json for one without packages', async () => {
    expect(await read('packages.json', { 'packages.json': '[1, 2]' })).toEqual([]);
    expect(await read('packages.json', { 'packages.json': '{"packages": [{"name": "x"}]}' })).toEqual([]);
  });
});

describe('a project of PyPI', () => {
  const expected = [
    'hello-world 1.0 source packages/hello_world-1.0.tar.gz',
    'hello-world 1.1.dev0 py3-none-any packages/Hello.World-1.1.dev0-1-py3-none-any.whl',
  ];

  it('is read from its JSON', async () => {
    const files = [
      {
        filename: 'hello_world-1.0.tar.gz',
        url: '../../packages/hello_world-1.0.tar.gz',
        hashes: { sha256: SHA256 },
        size: 9,
      },
      {
        filename: 'Hello.World-1.1.dev0-1-py3-none-any.whl',
        url: '../../packages/Hello.World-1.1.dev0-1-py3-none-any.whl',
      },
      { filename: 'hello_world-1.0.exe', url: '../../packages/hello_world-1.0.exe' },
      { filename: 'other-1.0.tar.gz', url: '../../packages/other-1.0.tar.gz' },
    ];
    const page = { 'simple/hello-world/index.v1_json': JSON.stringify({ name: 'hello-world', files }) };
    expect(await read('simple/hello-world/index.html', page)).toEqual(expected);
    const [sources] = await packagesOf('simple/hello-world/index.html', page);
    expect(sources).toMatchObject({ size: 9, hash: { algorithm: 'sha256', value: SHA256 } });
  });

  it('is read from its page', async () => {
    const page = `<!DOCTYPE html><html><body>
      <a href="../../packages/hello_world-1.0.tar.gz#sha256=${SHA256}" data-requires-python="&gt;=3">hello_world-1.0.tar.gz</a>
      <A class=x HREF = '../../packages/Hello.World-1.1.dev0-1-py3-none-any.whl'>Hello.World-1.1.dev0-1-py3-none-any.whl</a>
      <a href="https://files.example/hello_world-1.0.egg">hello_world-1.0.egg</a></body></html>`;
    expect(await read('simple/hello-world/index.html', { 'simple/hello-world/index.html': page })).toEqual(expected);
  });
});

describe('an index that cannot be read', () => {
  const why = async (path: string, content: string | Buffer, limits = {}) =>
    packagesOf(path, { [path]: content }, limits).then(
      (found) => found.map(short).join(),
      (error: unknown) =>
        error instanceof AppError ? `${error.code} ${error.message}` : `no AppError: ${String(error)}`,
    );
  const packed = gzipSync('Package: a\nVersion: 1\n\n'.repeat(100));
  const adb = writeAdbIndex([{ name: 'a', version: '1', arch: 'all', size: 1 }]);

  it.each<[string, string | Buffer, string]>([
    ['Packages', '<html>Not Found</html>', 'Packages has an entry without a name or a version'],
    ['Packages', 'Package: a\n', 'Packages has an entry without a name or a version'],
    ['Packages.gz', 'Package: a\nVersion: 1\n', 'Packages.gz cannot be unpacked'],
    ['Packages.gz', packed.subarray(0, -4), 'Packages.gz cannot be unpacked'],
    ['Packages.xz', 'no xz', 'Packages.xz cannot be unpacked'],
    ['Packages.bz2', 'BZh9', 'Packages.bz2 is packed in a way that is not read here (.bz2)'],
    ['APKINDEX.tar.gz', gzipSync('x'.repeat(2_000)), 'APKINDEX.tar.gz is no tar archive'],
    ['packages.adb', 'ADBz', 'packages.adb does not begin as an ADB file does'],
    ['packages.adb', adb.subarray(0, 40), 'packages.adb ends in the middle of its first block'],
    ['packages.adb', Buffer.concat([Buffer.from('ADBd'), Buffer.from('no')]), 'packages.adb cannot be unpacked'],
    ['packages.adb', Buffer.from(adb).fill(0xef, 12, 20), 'packages.adb is of a newer kind'],
    ['packages.adb', Buffer.from(adb).fill(0xef, 16, 20), 'packages.adb points outside of its own data'],
    ['packages.adb', Buffer.from('ADB.pckg'), 'packages.adb is an ADB file, but no index'],
    ['repodata/repomd.xml', '<repomd>', 'repodata/repomd.xml is no well-formed XML'],
    ['repodata/repomd.xml', '<repomd/>', 'repodata/repomd.xml names no list of packages'],
    [
      'repodata/repomd.xml',
      '<repomd><data type="primary"><location href="repodata/p-primary.xml"/></data></repomd>',
      'repodata/repomd.xml names repodata/p-primary.xml, which is not there',
    ],
    ['packages.json', '{', 'packages.json is no JSON'],
    ['simple/a/index.json', 'x', 'simple/a/index.json is no JSON'],
  ])('%s says why: %p', async (path, content, message) => {
    expect(await why(path, content)).toContain(`INDEX_UNREADABLE ${message}`);
  });

  it('says so of zstd where this Node has none', async () => {
    const answer = await why('Packages.zst', 'no zstd');
    const reason = zstd.createZstdDecompress ? 'cannot be unpacked' : 'is packed in a way that is not read here (.zst)';
    expect(answer).toContain(`INDEX_UNREADABLE Packages.zst ${reason}`);
  });

  it.each<[string, Buffer]>([
    ['Packages.gz', packed],
    ['packages.adb', adb],
    ['APKINDEX.tar.gz', packed],
    [
      'repodata/repomd.xml',
      Buffer.from('<repomd><data type="primary"><location href="repodata/repomd.xml"/></data></repomd>'),
    ],
    [
      'packages.json',
      Buffer.from('{"packages":{"a":[{"version":"1","dist":{"url":"a"}}]},"includes":{"include/a.json":{}}}'),
    ],
    ['simple/a/index.html', Buffer.from('<a href="a-1.tar.gz#sha256=00">a-1.tar.gz</a>')],
  ])('%s never fails in another way, wherever it is damaged', async (path, sound) => {
    const damage = fc.record({ at: fc.nat(sound.length - 1), byte: fc.nat(255), cut: fc.nat(sound.length) });
    const run = async ({ at, byte, cut }: { at: number; byte: number; cut: number }) => {
      const damaged = Buffer.from(sound.subarray(0, Math.max(at + 1, cut)));
      damaged[at] = byte;
      expect(await why(path, damaged)).not.toContain('no AppError');
    };
    await fc.assert(fc.asyncProperty(damage, run), { numRuns: 150 });
  });

  it.each<[string, string | Buffer, object]>([
    ['Packages.gz', gzipSync(Buffer.alloc(3_000_000)), { bytes: 2_000_000 }],
    ['Packages', `Package: ${'a'.repeat(30_000)}`, { line: 20_000 }],
    ['Packages', 'Package: a\nVersion: 1\n\n'.repeat(11), { packages: 10 }],
    ['Packages', `Package: a\nVersion: ${'1'.repeat(101)}\n\n`, { field: 100 }],
    [
      'packages.adb',
      Buffer.concat([Buffer.from('ADBd'), deflateRawSync(Buffer.alloc(3_000_000))]),
      { bytesAtOnce: 2_000_000 },
    ],
    ['packages.json', ' '.repeat(3_000_000), { bytesAtOnce: 2_000_000 }],
    ['packages.json', JSON.stringify({ includes: { 'include/a.json': {}, 'include/b.json': {} } }), { files: 2 }],
    ['repodata/repomd.xml', `<repomd>${' '.repeat(30_000)}</repomd>`, { line: 20_000 }],
    ['repodata/repomd.xml', `<repomd><!--${'<a>'.repeat(30_000)}--></repomd>`, { line: 20_000 }],
    ['repodata/repomd.xml', '<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa">]><repomd>&a;</repomd>', {}],
  ])('%s is given up when it is more than an index may be (T-74)', async (path, content, limits) => {
    expect(await why(path, content, limits)).toContain('INDEX_UNREADABLE');
  });
});
