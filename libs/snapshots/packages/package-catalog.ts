import { type RepositoryName } from '#libs/kernel/ids.js';
import { token } from '#libs/kernel/provider.js';

/** A package as an index in a snapshot names it. */
export interface ListedPackage {
  /** The index's path. */
  readonly index: string;
  readonly name: string;
  readonly version: string;
  /** Empty where the format has none. */
  readonly arch: string;
  /** Where its file lies in the snapshot, when the index says so. */
  readonly path: string | undefined;
}

/** Stands in the lists of the sequences from `addedIn` up to, but not including, `removedIn`. */
export interface Span {
  readonly addedIn: number;
  readonly removedIn: number | undefined;
}

export interface PackageVersion extends ListedPackage, Span {
  /** Names it to this catalog. */
  readonly key: number;
}

/** An index that could not be read; what it names is not known. */
export interface UnreadIndex {
  readonly index: string;
  /** Why, in a sentence. */
  readonly reason: string;
}

/** What leads from the packages of one list to those of another one. */
export interface PackageChanges {
  /** Indexes that could be read now, or not for another reason. */
  readonly readAgain: readonly string[];
  /** Keys of those that are no longer there. */
  readonly gone: readonly number[];
  readonly added: readonly ListedPackage[];
  readonly unread: readonly UnreadIndex[];
}

/** The index of package versions: what the indexes in the snapshots name. It is the catalog of files that says what is there. */
export interface PackageCatalog {
  /** What these indexes name in the list of that sequence, in no order. */
  listed(repository: RepositoryName, sequence: number, indexes: readonly string[]): Promise<readonly PackageVersion[]>;

  /** Every name that packages of the repository ever had in a list that is still needed, in byte order, in pages. */
  names(repository: RepositoryName): AsyncIterable<readonly string[]>;

  /** The names of all packages that differ between the lists of two sequences, and maybe of some that do not; in byte order, in pages. */
  differingNames(repository: RepositoryName, from: number, to: number): AsyncIterable<readonly string[]>;

  /** All versions of these packages, in byte order of name. */
  versions(repository: RepositoryName, names: readonly string[]): Promise<readonly PackageVersion[]>;

  /** All versions whose files lie, or lay, under one of these paths. */
  naming(repository: RepositoryName, paths: readonly string[]): Promise<readonly PackageVersion[]>;

  /** Every index that could not be read, and in which lists. */
  unread(repository: RepositoryName): Promise<readonly (UnreadIndex & Span)[]>;

  /** Brings the list published last to that of a new sequence; a part of its publication. */
  extend(repository: RepositoryName, sequence: number, changes: PackageChanges): Promise<void>;

  /** Puts back what the list of a sequence had, and lost when no snapshot needed it any more; a part of its readmission. */
  restore(repository: RepositoryName, sequence: number, changes: PackageChanges): Promise<void>;
}

export const PACKAGE_CATALOG = token<PackageCatalog>('PackageCatalog');

export const isIn = ({ addedIn, removedIn }: Span, sequence: number): boolean =>
  addedIn <= sequence && (removedIn === undefined || removedIn > sequence);

/** The indexes that could not be read in one list. */
export async function unreadIn(
  packages: Pick<PackageCatalog, 'unread'>,
  repository: RepositoryName,
  sequence: number,
): Promise<readonly UnreadIndex[]> {
  return (await packages.unread(repository)).filter((span) => isIn(span, sequence));
}
