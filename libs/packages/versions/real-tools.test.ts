import { execFileSync, spawnSync } from 'node:child_process';

import fc from 'fast-check';

import { compareDpkgVersions } from './dpkg-version.js';
import { compareRpmVersions } from './rpm-version.js';

type Pair = readonly [a: string, b: string];

const pairsOf = (version: fc.Arbitrary<string>, count: number): readonly Pair[] =>
  fc.sample(fc.tuple(version, version), { numRuns: count, seed: 20_260_310 });

const parts = (...texts: readonly string[]) =>
  fc.array(fc.constantFrom(...texts), { minLength: 0, maxLength: 5 }).map((all) => all.join(''));

const DPKG: readonly Pair[] = [
  ['1.0', '1.0-0'],
  ['1.0~rc1', '1.0'],
  ['1.0+b1', '1.0'],
  ['2:0.1', '1:9'],
  ['1.2a', '1.2.1'],
  ['1.001', '1.1'],
  ['99999999999999999998', '99999999999999999999'],
];

const RPM: readonly Pair[] = [
  ['1.0~rc1', '1.0'],
  ['1.0^git1', '1.0'],
  ['1.0^git1', '1.0.1'],
  ['1.0~rc1^git1', '1.0~rc1'],
  ['2.0.1a', '2.0.1'],
  ['5.5p10', '5.5p1'],
  ['xyz10', 'xyz10.1'],
  ['1:1.0-1', '2.0-1'],
  ['1.0-1.el9', '1.0-1.el10'],
];

describe('versions beside the tools that install them', () => {
  it('are ordered as dpkg orders them', () => {
    const versions = fc.tuple(fc.constantFrom('', '0:', '1:'), parts('0', '1', '10', '.', '~', '+', 'a', 'Z', '-'));
    // dpkg wants a digit first, and has no empty revision.
    const pairs = [
      ...DPKG,
      ...pairsOf(
        versions.map(([epoch, rest]) => `${epoch}1${rest.replace(/-+$/, '')}`),
        150,
      ),
    ];
    const asked = pairs.map(([a, b]) => [a, b, spawnSync('dpkg', ['--compare-versions', a, 'lt', b]).status === 0]);
    expect(pairs.map(([a, b]) => [a, b, compareDpkgVersions(a, b) < 0])).toEqual(asked);
  });

  it('are ordered as rpm orders them', () => {
    const version = parts('0', '1', '10', '.', '~', '^', 'a', 'Z', '_');
    const versions = fc.tuple(fc.constantFrom('', '1:'), version, fc.constantFrom('', '-1', '-1.el9', '-2~rc'));
    const pairs = [
      ...RPM,
      ...pairsOf(
        versions.map(([epoch, text, release]) => `${epoch}1${text}${release}`),
        1_000,
      ),
    ];
    const lines = pairs.map(([a, b]) => `print(rpm.vercmp("${a}", "${b}") .. " ")`).join('\n');
    const answers = execFileSync('rpm', ['--eval', `%{lua:${lines}}`], { encoding: 'utf8' })
      .trim()
      .split(' ');
    expect(pairs.map((pair) => [...pair, Math.sign(compareRpmVersions(...pair))])).toEqual(
      pairs.map((pair, index) => [...pair, Number(answers[index])]),
    );
  });
});
