import { type PackageFormat } from './package-format.js';
import { compareTexts } from './versions/digits.js';
import { compareVersions } from './versions/compare-versions.js';

/** `changed`: to a version of which the format's rule does not say whether it is newer. */
export type PackageChangeKind = 'added' | 'removed' | 'upgraded' | 'downgraded' | 'changed';

export interface PackageDifference {
  readonly kind: PackageChangeKind;
  /** The version before, unless it was added. */
  readonly from: string | undefined;
  /** The version after, unless it was removed. */
  readonly to: string | undefined;
}

/**
 * What became of one package in one index, which may name several versions of it: clients take the newest, so that one
 * decides whether it was upgraded; the others come and go.
 */
export function packageDifferences(
  format: PackageFormat,
  before: readonly string[],
  after: readonly string[],
): readonly PackageDifference[] {
  const from = newest(format, before);
  const to = newest(format, after);
  const moved = from !== undefined && to !== undefined && from !== to;
  const gone = before.filter((version) => !after.includes(version) && !(moved && version === from));
  const come = after.filter((version) => !before.includes(version) && !(moved && version === to));
  return [
    ...(moved ? [{ kind: kindOf(compareVersions(format, from, to)), from, to }] : []),
    ...gone.map((version) => ({ kind: 'removed' as const, from: version, to: undefined })),
    ...come.map((version) => ({ kind: 'added' as const, from: undefined, to: version })),
  ];
}

function kindOf(order: number | undefined): PackageChangeKind {
  if (order === undefined || order === 0) return 'changed';
  return order < 0 ? 'upgraded' : 'downgraded';
}

/** Where no rule decides it is the one whose text sorts last, so that the order of listing never matters. */
function newest(format: PackageFormat, versions: readonly string[]): string | undefined {
  const sorted = versions.toSorted(compareTexts);
  return sorted.reduce<string | undefined>(
    (best, version) => (best === undefined || (compareVersions(format, best, version) ?? 0) <= 0 ? version : best),
    undefined,
  );
}
