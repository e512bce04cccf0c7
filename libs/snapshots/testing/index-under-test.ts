import { actor, type Act } from '#libs/kernel/actor.js';
import { repositoryName } from '#libs/kernel/ids.js';
import { type FixedClock } from '#libs/kernel/testing/fixed-clock.js';
import { type HeldLease } from '#libs/persistence/testing/held-lease.js';
import { type Freeze, type Repository } from '#libs/repositories/repository.js';
import { type Sha256 } from '#libs/storage/layout.js';

import { type Catalog } from '../catalog/catalog.js';
import { type PackageCatalog } from '../packages/package-catalog.js';
import { type ListedFile, type NewSnapshot, type SnapshotState } from '../snapshot.js';
import { type CatalogChange, type SnapshotStore } from '../snapshot-store.js';
import { aSnapshot } from './arbitrary-snapshots.js';

/** A snapshot store and its catalog as the contract suites meet them. There are the repositories `debian` and `openwrt`. */
export interface IndexUnderTest extends HeldLease {
  readonly store: SnapshotStore;
  readonly catalog: Catalog;
  readonly packages: PackageCatalog;
  /** What the store goes by. */
  readonly clock: FixedClock;
  readonly debian: Pick<Repository, 'id' | 'name'>;
  /** Freezes `debian`. */
  freeze(freeze: Freeze): Promise<void>;
  /** Audit records, the oldest first. */
  audits(): Promise<
    readonly { readonly action: string; readonly subject: string; readonly reason: string | undefined }[]
  >;
  remove(): Promise<void>;
}

export const ACT: Act = { actor: actor('cli', 'test'), reason: 'because' };
export const OPENWRT = repositoryName('openwrt');

export const aFile = (path: string, content = 1, mtimeMs = 1_700_000_000_000): ListedFile => ({
  path,
  sha256: content.toString(16).padStart(64, '0') as Sha256,
  size: content,
  mtimeMs,
});

/** Such as `{ a: 1, b: undefined }`: a now has content 1, b is gone. */
export type Changes = Readonly<Record<string, number | undefined>>;

export const changesOf = (changes: Changes): readonly CatalogChange[] =>
  Object.entries(changes).map(([path, content]) => ({
    path,
    file: content === undefined ? undefined : aFile(path, content),
  }));

/** A snapshot fit to be published that lists so many files. */
export function newSnapshot(sequence: number, files: number, state: SnapshotState = 'complete'): NewSnapshot {
  const { stateSince: _, ...snapshot } = aSnapshot(sequence, 30 - sequence, state);
  return { ...snapshot, files, bytes: 10 * files };
}

/** Moves a snapshot out of service and forgets it. */
export async function forgetSnapshot({ store }: IndexUnderTest, { repository, id, state }: NewSnapshot): Promise<void> {
  await store.move(repository, id, state, 'removing', ACT);
  await store.forget(repository, id);
}

export async function collect(files: AsyncIterable<ListedFile>): Promise<readonly ListedFile[]> {
  const collected: ListedFile[] = [];
  for await (const file of files) collected.push(file);
  return collected;
}
