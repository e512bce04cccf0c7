import { type PackageFormat } from '../package-format.js';
import { compareVersions } from './compare-versions.js';

const SIGNS: Readonly<Record<string, number>> = { '<': -1, '=': 0, '>': 1 };

/** Rows of apk-tools' own suite (test/unit/version.data in apk-tools 3.0, test/version.data before). */
const APK = [
  '2.34 > 0.1.0_alpha',
  '0.1.0_alpha = 0.1.0_alpha',
  '0.1.0_alpha < 0.1.3_alpha',
  '0.1.0_alpha2 > 0.1.0_alpha',
  '1.0.4-r3 < 1.0.4-r4',
  '1.1 > 1.1_alpha1',
  '1.3_alpha < 1.3_alpha2',
  '0.8_beta1 < 0.8_beta2',
  '2.3.0b-r1 < 2.3.0b-r2',
  '3.1_p16 < 3.1_p17',
  '1.06-r6 < 006',
  '006 > 1.0.0',
  '9.3.4-r2 > 9.3.4',
  '2.01.01_alpha10 > 0.94',
  '1.39 > 1.00_beta2',
  '4.2.52_p2-r1 < 4.2.52_p4-r2',
  '1.05-r18 < 1.05-r19',
  '0.1.6-r3 < 0.47-r1',
  '0.10.0 < 0.10.1_rc1',
  '0.20070118 < 0.20070207_rc1',
  '1.02.07 < 1.02.10-r1',
  '2.5.1-r8 < 2.5.1a-r1',
  '2.9.11_pre20051101-r3 > 2.9.11_pre20051101',
  '1.6.8_p12-r1 > 1.6.8_p9-r2',
  '0.9.28-r2 < 0.9.28.1',
  '7.0.17 < 7.0.174',
  '1.3-r0 < 1.3.1-r0',
  '1.3_pre1-r1 < 1.3.2',
  '1.0_p10-r0 > 1.0_p9-r0',
  '0.1.0_alpha_pre2 < 0.1.0_alpha',
  '1.0.0_pre20191002222144-r0 < 1.0.0_pre20210530193627-r0',
  '8.2.0015 < 8.2.002',
  '23_foo > 4_beta',
];

/** From PEP 440, "Summary of permitted suffixes and relative ordering" and its examples. */
const PYPI = [
  '1.dev0 < 1.0.dev456',
  '1.0.dev456 < 1.0a1',
  '1.0a1 < 1.0a2.dev456',
  '1.0a2.dev456 < 1.0a12.dev456',
  '1.0a12.dev456 < 1.0a12',
  '1.0a12 < 1.0b1.dev456',
  '1.0b2 < 1.0b2.post345.dev456',
  '1.0b2.post345.dev456 < 1.0b2.post345',
  '1.0b2.post345 < 1.0rc1.dev456',
  '1.0rc1 < 1.0',
  '1.0 < 1.0+abc.5',
  '1.0+abc.5 < 1.0+abc.7',
  '1.0+abc.7 < 1.0+5',
  '1.0+5 < 1.0.post456.dev34',
  '1.0.post456 < 1.0.15',
  '1.0.15 < 1.1.dev1',
  '2013.10 < 1!1.0',
  '1.0.0 = 1',
  'v1.0-RC.1 = 1.0c1',
];

const COMPOSER = [
  '1.0.0 < 1.0.1',
  '1.9 < 1.10',
  'v1.2.3 = 1.2.3.0',
  '1.0.0-alpha1 < 1.0.0-beta1',
  '1.0.0-beta2 < 1.0.0-beta10',
  '1.0.0-RC1 < 1.0.0',
  '1.0.0 < 1.0.0-p1',
  '1.0.0-dev < 1.0.0-alpha1',
  '1.0.0+build = 1.0.0',
];

describe('versions', () => {
  const rows = (format: PackageFormat, lines: readonly string[]) =>
    lines.map((line): readonly [PackageFormat, string] => [format, line]);

  it.each([...rows('apk', APK), ...rows('pypi', PYPI), ...rows('composer', COMPOSER)])('of %s: %s', (format, line) => {
    const [a = '', sign = '', b = ''] = line.split(' ');
    expect(Math.sign(compareVersions(format, a, b) ?? NaN)).toBe(SIGNS[sign]);
    expect(Math.sign(compareVersions(format, b, a) ?? NaN) + 0).toBe(0 - (SIGNS[sign] ?? NaN));
  });

  it.each<[PackageFormat, string, string]>([
    ['apk', '1.0_foo', '1.0_bar'],
    ['apk', 'latest', '1.0'],
    ['pypi', 'french toast', '1.0'],
    ['composer', 'dev-main', '1.0.0'],
    ['composer', '1.0.x-dev', '1.0.0'],
  ])('of %s have no order between %s and %s', (format, a, b) => {
    expect(compareVersions(format, a, b)).toBeUndefined();
    expect(compareVersions(format, b, a)).toBeUndefined();
  });
});
