import { byBytes } from '#libs/kernel/byte-order.js';
import { type RepositoryName } from '#libs/kernel/ids.js';

import {
  isIn,
  type PackageCatalog,
  type PackageChanges,
  type PackageVersion,
  type Span,
  type UnreadIndex,
} from '../packages/package-catalog.js';

interface Shelf {
  versions: readonly PackageVersion[];
  unread: readonly (UnreadIndex & Span)[];
}

/** Goes through all it has for each question. Nothing is dropped by itself: what no snapshot needs is not asked for. */
export class InMemoryPackageCatalog implements PackageCatalog {
  private readonly shelves = new Map<RepositoryName, Shelf>();
  private keys = 0;

  listed(repository: RepositoryName, sequence: number, indexes: readonly string[]): Promise<readonly PackageVersion[]> {
    const all = this.shelf(repository).versions;
    return Promise.resolve(all.filter((item) => indexes.includes(item.index) && isIn(item, sequence)));
  }

  async *names(repository: RepositoryName): AsyncIterable<readonly string[]> {
    yield* await Promise.resolve([namesOf(this.shelf(repository).versions)]);
  }

  async *differingNames(repository: RepositoryName, from: number, to: number): AsyncIterable<readonly string[]> {
    const all = this.shelf(repository).versions;
    yield* await Promise.resolve([namesOf(all.filter((item) => isIn(item, from) !== isIn(item, to)))]);
  }

  versions(repository: RepositoryName, names: readonly string[]): Promise<readonly PackageVersion[]> {
    const found = this.shelf(repository).versions.filter(({ name }) => names.includes(name));
    return Promise.resolve(found.toSorted((a, b) => byBytes(a.name, b.name)));
  }

  naming(repository: RepositoryName, paths: readonly string[]): Promise<readonly PackageVersion[]> {
    const all = this.shelf(repository).versions;
    return Promise.resolve(all.filter(({ path }) => path !== undefined && paths.includes(path)));
  }

  unread(repository: RepositoryName): Promise<readonly (UnreadIndex & Span)[]> {
    const { unread } = this.shelf(repository);
    return Promise.resolve(unread.toSorted((a, b) => byBytes(a.index, b.index) || a.addedIn - b.addedIn));
  }

  extend(
    repository: RepositoryName,
    sequence: number,
    { readAgain, gone, added, unread }: PackageChanges,
  ): Promise<void> {
    const shelf = this.shelf(repository);
    const end = <T extends Span>(item: T): T => ({ ...item, removedIn: item.removedIn ?? sequence });
    const ended = new Set(gone);
    shelf.versions = shelf.versions.map((item) => (ended.has(item.key) ? end(item) : item));
    shelf.unread = shelf.unread.map((item) => (readAgain.includes(item.index) ? end(item) : item));
    this.put(shelf, { added, unread }, { addedIn: sequence, removedIn: undefined });
    return Promise.resolve();
  }

  restore(repository: RepositoryName, sequence: number, { added, unread }: PackageChanges): Promise<void> {
    const shelf = this.shelf(repository);
    const lost = unread.filter(({ index }) => !shelf.unread.some((one) => one.index === index && isIn(one, sequence)));
    this.put(shelf, { added, unread: lost }, { addedIn: sequence, removedIn: sequence + 1 });
    return Promise.resolve();
  }

  /** What the database does when the snapshot of that sequence is forgotten. */
  dropWhatOnlyStandsIn(repository: RepositoryName, sequence: number): void {
    const shelf = this.shelf(repository);
    const stays = ({ addedIn, removedIn }: Span): boolean => addedIn !== sequence || removedIn !== sequence + 1;
    shelf.versions = shelf.versions.filter(stays);
    shelf.unread = shelf.unread.filter(stays);
  }

  private put(shelf: Shelf, { added, unread }: Pick<PackageChanges, 'added' | 'unread'>, span: Span): void {
    const versions = added.map((item) => ({ ...item, ...span, key: (this.keys += 1) }));
    shelf.versions = [...shelf.versions, ...versions];
    shelf.unread = [...shelf.unread, ...unread.map((item) => ({ ...item, ...span }))];
  }

  private shelf(repository: RepositoryName): Shelf {
    const known = this.shelves.get(repository);
    if (known) return known;
    const shelf: Shelf = { versions: [], unread: [] };
    this.shelves.set(repository, shelf);
    return shelf;
  }
}

const namesOf = (all: readonly PackageVersion[]): readonly string[] =>
  [...new Set(all.map(({ name }) => name))].sort(byBytes);
