import { pathBelow, referenceBelow } from './path-below.js';

describe('paths in an index', () => {
  it.each([
    ['', 'pool/a.deb', 'pool/a.deb'],
    ['feeds/base/', './a.ipk', 'feeds/base/a.ipk'],
    ['a/b/', '../../c', 'c'],
    ['a/', '../../c', undefined],
    ['a/', '/c', undefined],
    ['a/', 'https://elsewhere.example/c', undefined],
    ['a/', '..\\c', undefined],
    ['a/', '', undefined],
    ['a/', '..', undefined],
  ])('from %p, %p is %p', (base, named, path) => {
    expect(pathBelow(base, named)).toBe(path);
  });

  it.each([
    ['../../packages/a%2B1.whl#sha256=0f', 'packages/a+1.whl'],
    ['%E0%A4%A', undefined],
  ])('of a page: %p is %p', (reference, path) => {
    expect(referenceBelow('simple/a/', reference)).toBe(path);
  });
});
