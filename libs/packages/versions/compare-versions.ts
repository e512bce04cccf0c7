import { type PackageFormat } from '../package-format.js';
import { compareApkVersions } from './apk-version.js';
import { compareComposerVersions } from './composer-version.js';
import { compareDpkgVersions } from './dpkg-version.js';
import { comparePep440Versions } from './pep440-version.js';
import { compareRpmVersions } from './rpm-version.js';

const RULES: Readonly<Record<PackageFormat, (a: string, b: string) => number | undefined>> = {
  apk: compareApkVersions,
  composer: compareComposerVersions,
  deb: compareDpkgVersions,
  pypi: comparePep440Versions,
  rpm: compareRpmVersions,
};

/** Below 0 when `a` is older than `b` by the rule of their format, 0 when that sees no difference; `undefined` when it has no answer. */
export const compareVersions = (format: PackageFormat, a: string, b: string): number | undefined => RULES[format](a, b);
