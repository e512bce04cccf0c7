import { indexAt, isMetadata } from './index-at.js';

describe('indexAt', () => {
  it.each([
    ['Packages.gz', 'Packages', 'control', ''],
    [
      '24.10/targets/x86/64/packages/Packages',
      '24.10/targets/x86/64/packages/Packages',
      'control',
      '24.10/targets/x86/64/packages/',
    ],
    [
      'debian/dists/stable/main/binary-amd64/Packages.xz',
      'debian/dists/stable/main/binary-amd64/Packages',
      'control',
      'debian/',
    ],
    [
      'dists/stable/main/debian-installer/binary-arm64/Packages.gz',
      'dists/stable/main/debian-installer/binary-arm64/Packages',
      'control',
      '',
    ],
    [
      'alpine/v3.22/main/x86_64/APKINDEX.tar.gz',
      'alpine/v3.22/main/x86_64/APKINDEX.tar.gz',
      'apkindex',
      'alpine/v3.22/main/x86_64/',
    ],
    ['packages/x86_64/base/packages.adb', 'packages/x86_64/base/packages.adb', 'adb', 'packages/x86_64/base/'],
    ['el9/x86_64/repodata/repomd.xml', 'el9/x86_64/repodata/repomd.xml', 'rpm', 'el9/x86_64/'],
    ['repodata/0f3a-primary.xml.zst', 'repodata/repomd.xml', 'rpm', ''],
    ['php/packages.json', 'php/packages.json', 'composer', 'php/'],
    ['php/include/all$0f3a.json', 'php/packages.json', 'composer', 'php/'],
    ['p/vendor/name$0f3a.json', 'packages.json', 'composer', ''],
    ['php/p2/vendor/name~dev.json', 'php/p2/vendor/name~dev.json', 'composer', 'php/'],
    [
      'python/simple/hello-world/index.html',
      'python/simple/hello-world/index.html',
      'pypi',
      'python/simple/hello-world/',
    ],
    ['simple/hello-world/index.v1_json', 'simple/hello-world/index.html', 'pypi', 'simple/hello-world/'],
  ])('knows %s by its path', (path, name, reader, base) => {
    expect(indexAt(path)).toMatchObject({ path: name, reader, base });
  });

  it.each([
    'Packages.manifest',
    'Packages.sig',
    'dists/stable/main/binary-amd64/by-hash/SHA256/0f3a',
    'dists/stable/Release',
    'dists/stable/main/source/Sources.gz',
    'repodata/0f3a-filelists.xml.gz',
    'pool/main/h/hello/hello_1.0_amd64.deb',
    'simple/index.html',
    'index.json',
  ])('takes %s for no index', (path) => {
    expect(indexAt(path)).toBeUndefined();
  });

  it.each([
    ['feed/Packages.gz', true],
    ['feed/Packages.sig', true],
    ['dists/stable/InRelease', true],
    ['debian/dists/stable/main/binary-amd64/by-hash/SHA256/0f3a', true],
    ['el9/repodata/0f3a-filelists.xml.gz', true],
    ['packages.adb', true],
    ['simple/hello/index.html', true],
    ['php/p2/vendor/name.json', true],
    ['p2/vendor/name.json', true],
    ['dists/stable/main/binary-amd64/hello_1.0_amd64.deb', false],
    ['data/packages.json', false],
    ['Release', false],
    ['pool/hello_1.0_amd64.deb', false],
  ])('tells what only speaks of files from the files: %s, %p', (path, expected) => {
    expect(isMetadata(path)).toBe(expected);
  });

  it('reads what is read most easily when an index lies there in several forms', () => {
    expect(indexAt('Packages.xz')?.files.slice(0, 4)).toEqual([
      'Packages',
      'Packages.gz',
      'Packages.xz',
      'Packages.zst',
    ]);
  });
});
