import fc from 'fast-check';

import { compareApkVersions } from './apk-version.js';
import { compareComposerVersions } from './composer-version.js';
import { compareDpkgVersions } from './dpkg-version.js';
import { comparePep440Versions } from './pep440-version.js';
import { compareRpmVersions } from './rpm-version.js';

type Compare = (a: string, b: string) => number | undefined;

const pieces = (...texts: readonly string[]) =>
  fc.array(fc.constantFrom(...texts), { minLength: 1, maxLength: 6 }).map((parts) => parts.join(''));

const maybe = (...texts: readonly string[]) => fc.constantFrom('', ...texts);
const joined = (...parts: readonly fc.Arbitrary<string>[]) => fc.tuple(...parts).map((texts) => texts.join(''));
const numbers = joined(fc.constantFrom('0', '1', '10', '01'), maybe('.0', '.1', '.01', '.10', '.9'), maybe('.0', '.2'));

describe.each<[string, Compare, fc.Arbitrary<string>]>([
  ['dpkg', compareDpkgVersions, pieces('0', '1', '10', '00', '.', '~', '+', '-', 'a', 'Z', ':')],
  ['rpm', compareRpmVersions, pieces('0', '1', '10', '00', '.', '~', '^', '-', 'a', 'Z', ':', '_')],
  [
    'apk',
    compareApkVersions,
    joined(
      numbers,
      maybe('a', 'b'),
      maybe('_alpha', '_rc1', '_p', '_p2', '_git1_rc'),
      maybe('~1f'),
      maybe('-r0', '-r10'),
    ),
  ],
  [
    'PEP 440',
    comparePep440Versions,
    joined(
      maybe('1!'),
      numbers,
      maybe('a', 'b1', 'rc1'),
      maybe('.post', '-1'),
      maybe('.dev0', '.dev1'),
      maybe('+a', '+1.b'),
    ),
  ],
  [
    'Composer',
    compareComposerVersions,
    joined(maybe('v'), numbers, maybe('-alpha', '-beta2', 'RC1', '-p1'), maybe('-dev')),
  ],
])('the order of versions of %s', (_, compare, version) => {
  const order = (a: string, b: string): number => Math.sign(compare(a, b) ?? NaN);

  it('is total: every two have an answer, and each is equal to itself', () => {
    fc.assert(fc.property(version, version, (a, b) => !Number.isNaN(order(a, b)) && order(a, a) === 0));
  });

  it('is the same from both sides', () => {
    fc.assert(fc.property(version, version, (a, b) => order(a, b) + order(b, a) === 0));
  });

  it('is transitive', () => {
    const holds = (a: string, b: string, c: string) => order(a, b) > 0 || order(b, c) > 0 || order(a, c) <= 0;
    fc.assert(fc.property(version, version, version, holds), { numRuns: 2_000 });
  });
});
