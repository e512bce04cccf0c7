import { AppError } from '#libs/kernel/errors.js';
import { type RepositoryName } from '#libs/kernel/ids.js';

import { type Freeze } from './repository.js';

export const repositoryExists = (name: RepositoryName, deleted: boolean): AppError =>
  deleted
    ? new AppError(
        'conflict',
        'REPOSITORY_EXISTS',
        `The content of a deleted repository "${name}" is still being removed.`,
        {
          hint: 'A worker removes it within minutes; then the name is free again.',
        },
      )
    : new AppError('conflict', 'REPOSITORY_EXISTS', `There is a repository "${name}" already.`, {
        hint: 'Choose another name, or change it with repository:update.',
      });

export const repositoryFrozen = (name: RepositoryName, { snapshot }: Freeze): AppError =>
  new AppError('conflict', 'REPOSITORY_FROZEN', `The repository "${name}" is frozen to ${snapshot} already.`, {
    hint: `To freeze it to another one: repository:unfreeze ${name}, then repository:freeze ${name} <snapshot>.`,
  });

export const repositoryNotFrozen = (name: RepositoryName): AppError =>
  new AppError('conflict', 'REPOSITORY_NOT_FROZEN', `The repository "${name}" is not frozen.`, {
    hint: 'repository:list shows which ones are.',
  });
