import { type Act } from '#libs/kernel/actor.js';
import { type SnapshotId } from '#libs/kernel/ids.js';
import { type Repository } from '#libs/repositories/repository.js';

import { type Catalog } from '../catalog/catalog.js';
import { goesOn } from './goes-on.js';
import { type ListedFile, type Snapshot } from '../snapshot.js';
import { completeOnes, freezeAt } from '../stable-snapshot.js';
import { type SnapshotStore } from '../snapshot-store.js';

/** What is wrong with a snapshot, in a sentence; `undefined` when it has no part in the damage. */
export type DamageOf = (snapshot: Snapshot) => Promise<string | undefined>;

export interface OutOfService {
  /** Served no more, in order of sequence. */
  readonly marked: readonly SnapshotId[];
  /** Has the damage too, and goes on being served all the same. */
  readonly kept: SnapshotId | undefined;
}

/** Ends the service of every snapshot that has the damage, but for the one that has to go on: the one rule for whoever finds damage. */
export async function takeOutOfService(
  snapshots: SnapshotStore,
  repository: Repository,
  damageOf: DamageOf,
  { act, now }: { readonly act: Act; readonly now: Date },
): Promise<OutOfService> {
  const complete = completeOnes(await snapshots.list(repository.name));
  const damaged: { readonly snapshot: Snapshot; readonly note: string }[] = [];
  for (const snapshot of complete) {
    const note = await damageOf(snapshot);
    if (note !== undefined) damaged.push({ snapshot, note });
  }
  const frozenTo = freezeAt(repository, now)?.snapshot;
  const kept = goesOn(
    complete,
    damaged.map(({ snapshot }) => snapshot),
    frozenTo,
  );
  const marked: SnapshotId[] = [];
  for (const { snapshot, note } of damaged) {
    const { repository: name, id } = snapshot;
    if (id === kept) continue;
    if (await snapshots.move(name, id, 'complete', 'damaged', { ...act, note })) marked.push(id);
  }
  return { marked, kept };
}

/** The damage of a snapshot that lists one of these contents under the same path; its note names the first. */
export const damageByLoss =
  (catalog: Catalog, lost: readonly Pick<ListedFile, 'path' | 'sha256'>[]): DamageOf =>
  async ({ repository, sequence }) => {
    for (const { path, sha256 } of lost) {
      const listed = await catalog.find(repository, sequence, path);
      if (listed?.sha256 === sha256) return `The content of "${path}" is missing or wrong.`;
    }
    return undefined;
  };
