import { AppError } from '#libs/kernel/errors.js';
import { type RepositoryName } from '#libs/kernel/ids.js';
import { type Freeze } from '#libs/repositories/repository.js';
import { type Snapshot } from '#libs/snapshots/snapshot.js';

export const nothingServed = (name: RepositoryName): AppError =>
  new AppError('conflict', 'NOTHING_SERVED', `"${name}" has no snapshot that could be served.`, {
    hint: `repository:sync ${name} makes one.`,
  });

/** The same conflict as freezing twice, seen from the other side. */
export const frozenAgainstMilestone = (name: RepositoryName, { snapshot }: Pick<Freeze, 'snapshot'>): AppError =>
  new AppError(
    'conflict',
    'REPOSITORY_FROZEN',
    `"${name}" is frozen to ${snapshot}, and a milestone release leaves that as it is.`,
    {
      hint: `If it may go on: repository:unfreeze ${name}, or repository:milestone ${name} --unfreeze.`,
    },
  );

export const notComplete = (name: RepositoryName, { id, state }: Pick<Snapshot, 'id' | 'state'>): AppError =>
  new AppError('conflict', 'SNAPSHOT_NOT_COMPLETE', `Snapshot ${id} of "${name}" cannot be served: it is ${state}.`, {
    hint: 'repository:snapshots shows which ones are complete.',
  });
