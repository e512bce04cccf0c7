import { byBytes } from '#libs/kernel/byte-order.js';
import { type RepositoryName } from '#libs/kernel/ids.js';

import { type Catalog } from './catalog.js';
import { type ListedFile } from '../snapshot.js';
import { type CatalogChange } from '../snapshot-store.js';

/** What leads from the list published last, which the catalog keeps, to another one. */
export async function changesSince(
  catalog: Catalog,
  repository: RepositoryName,
  lastSequence: number,
  files: () => Iterable<ListedFile>,
): Promise<Iterable<CatalogChange>> {
  if (lastSequence === 0) return allAdded(files);
  return catalogChanges(catalog.files(repository, lastSequence), files());
}

/** What leads from the list that the catalog has to another one; both are in byte order of path. */
export async function catalogChanges(
  from: AsyncIterable<ListedFile>,
  to: Iterable<ListedFile>,
): Promise<readonly CatalogChange[]> {
  const changes: CatalogChange[] = [];
  const wanted = to[Symbol.iterator]();
  let next = nextOf(wanted);
  for await (const old of from) {
    for (; next !== undefined && byBytes(next.path, old.path) < 0; next = nextOf(wanted)) changes.push(added(next));
    if (next?.path !== old.path) changes.push({ path: old.path, file: undefined });
    else {
      if (!same(next, old)) changes.push(added(next));
      next = nextOf(wanted);
    }
  }
  for (; next !== undefined; next = nextOf(wanted)) changes.push(added(next));
  return changes;
}

/** The changes that lead from nothing to a list, one at a time: a first snapshot may have a million of them. */
export function allAdded(files: () => Iterable<ListedFile>): Iterable<CatalogChange> {
  return {
    *[Symbol.iterator]() {
      for (const file of files()) yield added(file);
    },
  };
}

const added = ({ path, sha256, size, mtimeMs }: ListedFile): CatalogChange => ({
  path,
  file: { path, sha256, size, mtimeMs },
});

const nextOf = (files: Iterator<ListedFile, unknown>): ListedFile | undefined => {
  const { done, value } = files.next();
  return done === true ? undefined : value;
};

const same = (a: ListedFile, b: ListedFile): boolean =>
  a.sha256 === b.sha256 && a.size === b.size && a.mtimeMs === b.mtimeMs;
