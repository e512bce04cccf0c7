import { contentTypeOf, isActive } from './content-type.js';

describe('contentTypeOf', () => {
  it.each([
    ['dists/stable/InRelease', 'text/plain; charset=utf-8'],
    ['packages/Packages', 'text/plain; charset=utf-8'],
    ['packages/Packages.gz', 'application/gzip'],
    ['packages/Packages.xz', 'application/x-xz'],
    ['packages/Packages.sig', 'application/octet-stream'],
    ['pool/a_1.0_all.deb', 'application/vnd.debian.binary-package'],
    ['a.ipk', 'application/octet-stream'],
    ['APKINDEX.tar.gz', 'application/gzip'],
    ['a-1.0.apk', 'application/octet-stream'],
    ['packages.adb', 'application/octet-stream'],
    ['repodata/repomd.xml', 'application/xml'],
    ['a.rpm', 'application/x-rpm'],
    ['packages.json', 'application/json; charset=utf-8'],
    ['simple/index.HTML', 'text/html; charset=utf-8'],
    ['x.constructor', 'application/octet-stream'],
    ['x.__proto__', 'application/octet-stream'],
    ['.html', 'application/octet-stream'],
    ['dir.html/file', 'application/octet-stream'],
    ['by-hash/SHA256/0a1b', 'application/octet-stream'],
    ['', 'application/octet-stream'],
  ])('%s: %s', (path, expected) => {
    expect(contentTypeOf(path)).toBe(expected);
  });

  it.each([
    ['a.html', true],
    ['a.xhtml', true],
    ['a.svg', true],
    ['a.xml', true],
    ['a.txt', false],
    ['a.json', false],
    ['a.deb', false],
  ])('%s could run as a page: %s (T-132)', (path, expected) => {
    expect(isActive(contentTypeOf(path))).toBe(expected);
  });
});
