import { isAppError, messageOf } from '#libs/kernel/errors.js';
import { grouped } from '#libs/kernel/grouped.js';
import { type RepositoryName } from '#libs/kernel/ids.js';
import { type Log } from '#libs/observability/log.js';
import { indexAt, mayBePartOfIndex } from '#libs/packages/indexes/index-at.js';
import { type IndexedPackage, type IndexFiles, type PackageIndex } from '#libs/packages/indexes/package-index.js';
import { readIndex } from '#libs/packages/indexes/read-index.js';
import { type Disk } from '#libs/storage/disk.js';
import { blobKey } from '#libs/storage/layout.js';

import { type Catalog } from '../catalog/catalog.js';
import { type ListedFile } from '../snapshot.js';
import { type CatalogChange } from '../snapshot-store.js';
import {
  unreadIn,
  type ListedPackage,
  type PackageCatalog,
  type PackageChanges,
  type PackageVersion,
  type UnreadIndex,
} from './package-catalog.js';

/** Indexes whose packages are asked for, and in memory, at once. */
const AT_ONCE = 20;

/** A list of files: what the catalog has at a sequence, changed. */
export interface ChangedList {
  readonly repository: RepositoryName;
  readonly sequence: number;
  readonly changes: Iterable<CatalogChange>;
}

/**
 * Reads the indexes that changed, and compares what they name with what the catalog has. An index that cannot be read is
 * no reason to publish nothing: it is noted as unread, and tried again at each publication.
 */
export class FindPackageChanges {
  constructor(
    private readonly disk: Disk,
    private readonly files: Catalog,
    private readonly packages: PackageCatalog,
    private readonly log: Log,
  ) {}

  async run(list: ChangedList): Promise<PackageChanges> {
    const changed = partsOfIndexes(list.changes);
    const unread = await unreadIn(this.packages, list.repository, list.sequence);
    const indexes = indexesToRead([...changed.keys(), ...unread.map(({ index }) => index)]);
    const found: Found = { gone: [], added: [], unread: [], readAgain: [] };
    for (let at = 0; at < indexes.length; at += AT_ONCE) {
      const some = indexes.slice(at, at + AT_ONCE);
      const before = await this.known(list, some);
      for (const index of some) {
        const names = await this.packagesOf(list.repository, index, this.openIn(list, changed));
        const known = before.get(index.path) ?? [];
        if ('reason' in names) noteUnread(names, unread, found);
        else found.readAgain.push(...unread.filter((one) => one.index === index.path).map(({ index: path }) => path));
        compare(index.path, known, 'reason' in names ? [] : names, found);
      }
    }
    return found;
  }

  private async known({ repository, sequence }: ChangedList, indexes: readonly PackageIndex[]) {
    const paths = indexes.map(({ path }) => path);
    return grouped(await this.packages.listed(repository, sequence, paths), ({ index }) => index);
  }

  private openIn({ repository, sequence }: ChangedList, changed: ChangedParts): IndexFiles {
    return {
      open: async (path) => {
        const file = changed.has(path) ? changed.get(path) : await this.files.find(repository, sequence, path);
        return file && this.disk.read(blobKey(file.sha256));
      },
    };
  }

  private async packagesOf(
    repository: RepositoryName,
    index: PackageIndex,
    files: IndexFiles,
  ): Promise<readonly IndexedPackage[] | UnreadIndex> {
    const all: IndexedPackage[] = [];
    try {
      for await (const batch of (await readIndex(index, files)) ?? []) for (const item of batch) all.push(item);
      return all;
    } catch (error) {
      const reason = isAppError(error) ? error.message : `${index.path} cannot be read: ${messageOf(error)}`;
      const told = isAppError(error, 'INDEX_UNREADABLE') ? {} : { error };
      this.log.warn('an index of packages cannot be read', { repository, index: index.path, reason, ...told });
      return { index: index.path, reason };
    }
  }
}

type ChangedParts = ReadonlyMap<string, ListedFile | undefined>;

function partsOfIndexes(changes: Iterable<CatalogChange>): ChangedParts {
  const parts = new Map<string, ListedFile | undefined>();
  for (const { path, file } of changes) if (mayBePartOfIndex(path)) parts.set(path, file);
  return parts;
}

function indexesToRead(paths: readonly string[]): readonly PackageIndex[] {
  const indexes = new Map<string, PackageIndex>();
  for (const path of paths) {
    const index = indexAt(path);
    if (index !== undefined) indexes.set(index.path, index);
  }
  return [...indexes.values()];
}

type Found = { readonly [Part in keyof PackageChanges]: PackageChanges[Part][number][] };

/** One that is still unread for the same reason keeps its note. */
function noteUnread(index: UnreadIndex, before: readonly UnreadIndex[], { unread, readAgain }: Found): void {
  const known = before.find((one) => one.index === index.index);
  if (known?.reason === index.reason) return;
  if (known !== undefined) readAgain.push(known.index);
  unread.push(index);
}

/** What an index names twice counts once. */
function compare(
  index: string,
  known: readonly PackageVersion[],
  named: readonly IndexedPackage[],
  { gone, added }: Found,
): void {
  const before = new Map(known.map((item) => [identityOf(item), item.key]));
  const seen = new Set<string>();
  for (const item of named) {
    const identity = identityOf(item);
    if (seen.has(identity)) continue;
    seen.add(identity);
    if (before.delete(identity)) continue;
    added.push({ index, name: item.name, version: item.version, arch: item.arch, path: item.path });
  }
  for (const key of before.values()) gone.push(key);
}

const identityOf = ({ name, version, arch, path = '' }: Omit<ListedPackage, 'index'>): string =>
  [name, version, arch, path].join('\0');
