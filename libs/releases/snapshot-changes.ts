import { byBytes } from '#libs/kernel/byte-order.js';
import { grouped } from '#libs/kernel/grouped.js';
import { indexAt } from '#libs/packages/indexes/index-at.js';
import { packageDifferences, type PackageDifference } from '#libs/packages/package-difference.js';
import { type FileDifference } from '#libs/snapshots/catalog/catalog.js';
import { isIn, type PackageVersion } from '#libs/snapshots/packages/package-catalog.js';

/** `rebuilt`: the same version, and another content. */
export interface PackageChange extends Pick<PackageDifference, 'from' | 'to'> {
  readonly kind: PackageDifference['kind'] | 'rebuilt';
  readonly name: string;
  readonly arch: string;
  /** Those that say so. */
  readonly indexes: readonly string[];
}

/** A file of which no index says anything. */
export interface FileChange {
  readonly kind: 'file-added' | 'file-changed' | 'file-removed';
  readonly path: string;
}

export type SnapshotChange = PackageChange | FileChange;

/** The sequences of two snapshots. */
export interface Compared {
  readonly from: number;
  readonly to: number;
}

/** What became of packages. @param versions all that they ever had, those of one name behind each other */
export const packageChanges = (versions: readonly PackageVersion[], compared: Compared): readonly PackageChange[] =>
  groups(versions, ({ name }) => name).flatMap((ofName) => {
    const changes = groups(ofName, ({ index, arch }) => `${arch}\0${index}`).flatMap((items) =>
      changesOf(items, compared),
    );
    return merged(changes).toSorted((a, b) => byBytes(a.arch, b.arch));
  });

/** What became of files, but for those whose change is told by their packages. @param naming the packages that they are of */
export function fileChanges(
  differences: readonly FileDifference[],
  naming: readonly PackageVersion[],
  compared: Compared,
): readonly SnapshotChange[] {
  const byPath = grouped(naming, ({ path = '' }) => path);
  return differences.flatMap<SnapshotChange>((difference) => {
    const packages = groups(byPath.get(difference.path) ?? [], identityOf).map((same) => presence(same, compared));
    if (packages.some(({ before, after }) => before !== after)) return [];
    const rebuilt = packages.filter(({ before }) => before).map(({ item }) => rebuiltOf(item));
    const { before, after } = difference;
    return rebuilt.length > 0 && before !== undefined && after !== undefined
      ? merged(rebuilt)
      : [fileChange(difference)];
  });
}

function changesOf(
  items: readonly [PackageVersion, ...PackageVersion[]],
  { from, to }: Compared,
): readonly PackageChange[] {
  const [item] = items;
  const index = indexAt(item.index);
  if (index === undefined) return [];
  const versionsAt = (sequence: number): readonly string[] => [
    ...new Set(items.filter((one) => isIn(one, sequence)).map(({ version }) => version)),
  ];
  const { name, arch } = item;
  const differences = packageDifferences(index.format, versionsAt(from), versionsAt(to));
  return differences.map((difference) => ({ ...difference, name, arch, indexes: [index.path] }));
}

/** Several indexes may say the same: those of two architectures for instance, of a package that fits both. */
const merged = (changes: readonly PackageChange[]): readonly PackageChange[] =>
  groups(changes, ({ name, arch, kind, from = '', to = '' }) => [name, arch, kind, from, to].join('\0')).flatMap(
    (same) => same.slice(0, 1).map((change) => ({ ...change, indexes: same.flatMap(({ indexes }) => indexes) })),
  );

function presence(same: readonly [PackageVersion, ...PackageVersion[]], { from, to }: Compared) {
  return {
    item: same[0],
    before: same.some((one) => isIn(one, from)),
    after: same.some((one) => isIn(one, to)),
  };
}

const rebuiltOf = ({ name, arch, version, index }: PackageVersion): PackageChange => ({
  kind: 'rebuilt',
  name,
  arch,
  from: version,
  to: version,
  indexes: [index],
});

const identityOf = ({ index, name, version, arch }: PackageVersion): string => [index, name, version, arch].join('\0');

function fileChange({ path, before, after }: FileDifference): FileChange {
  if (before === undefined) return { kind: 'file-added', path };
  return { kind: after === undefined ? 'file-removed' : 'file-changed', path };
}

const groups = <T>(items: readonly T[], keyOf: (item: T) => string): readonly (readonly [T, ...T[]])[] => [
  ...grouped(items, keyOf).values(),
];
