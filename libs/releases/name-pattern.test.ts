import { isPattern, matcherOf } from './name-pattern.js';

describe('a pattern for names', () => {
  it.each([
    ['lib*', 'libc6', true],
    ['lib*', 'glibc', false],
    ['*-dev', 'libc6-dev', true],
    ['a**b', 'ab', true],
    ['python3.?', 'python3.1', true],
    ['python3.?', 'python311', false],
    ['g++*', 'g++-12', true],
    ['a[b]*', 'a[b]c', true],
    ['a[b]*', 'ab', false],
    ['?', '\u{1f600}', true],
  ])('%s and %s: %p', (pattern, name, expected) => {
    expect(isPattern(pattern)).toBe(true);
    expect(matcherOf(pattern)(name)).toBe(expected);
  });

  it('is not every name', () => {
    expect(isPattern('g++-12')).toBe(false);
  });
});
