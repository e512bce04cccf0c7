import { type IndexedPackage, type IndexLimits, type PackageIndex } from './package-index.js';

/** Unpacks a file's content, so many bytes of it at most. */
export type Content = (bytes: number) => AsyncGenerator<Buffer>;

/** In batches: one at a time is too slow for a hundred thousand. */
export type Packages = AsyncGenerator<readonly IndexedPackage[]>;

/** What a reader gets. */
export interface OpenIndex {
  readonly index: PackageIndex;
  /** Which of the index's files it is. */
  readonly file: string;
  readonly content: Content;
  /** Another file of the same snapshot. */
  readonly open: (path: string) => Promise<Content | undefined>;
  readonly limits: IndexLimits;
}
