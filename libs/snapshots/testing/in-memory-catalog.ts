import { byBytes } from '#libs/kernel/byte-order.js';
import { type RepositoryName } from '#libs/kernel/ids.js';

import { type Catalog, type FileDifference } from '../catalog/catalog.js';
import { type ListedFile } from '../snapshot.js';

export type FileList = ReadonlyMap<string, ListedFile>;

/** Keeps each snapshot's list whole: slow, large, and plainly right, which is what the database is compared with. */
export class InMemoryCatalog implements Catalog {
  constructor(private readonly lists: ReadonlyMap<RepositoryName, ReadonlyMap<number, FileList>>) {}

  find(repository: RepositoryName, sequence: number, path: string): Promise<ListedFile | undefined> {
    return Promise.resolve(this.lists.get(repository)?.get(sequence)?.get(path));
  }

  async *files(repository: RepositoryName, sequence: number, folder?: string): AsyncIterable<ListedFile> {
    const all = [...(this.lists.get(repository)?.get(sequence)?.values() ?? [])];
    const wanted = folder === undefined ? all : all.filter(({ path }) => path.startsWith(`${folder}/`));
    yield* await Promise.resolve(wanted.toSorted((a, b) => byBytes(a.path, b.path)));
  }

  async *differences(repository: RepositoryName, from: number, to: number): AsyncIterable<FileDifference> {
    const [before, after] = [from, to].map((sequence) => this.lists.get(repository)?.get(sequence) ?? new Map());
    const paths = new Set([...(before?.keys() ?? []), ...(after?.keys() ?? [])]);
    const all = [...paths].sort(byBytes).map((path) => ({ path, before: before?.get(path), after: after?.get(path) }));
    yield* await Promise.resolve(all.filter((one) => JSON.stringify(one.before) !== JSON.stringify(one.after)));
  }
}
