import { AppError } from '#libs/kernel/errors.js';
import { type RepositoryName } from '#libs/kernel/ids.js';

import { type Repository } from './repository.js';
import { type RepositoryStore } from './repository-store.js';

/** @throws AppError `REPOSITORY_NOT_FOUND` */
export async function getRepository(store: RepositoryStore, name: RepositoryName): Promise<Repository> {
  const repository = await store.find(name);
  if (repository === undefined) throw repositoryNotFound(name);
  return repository;
}

export const repositoryNotFound = (name: RepositoryName): AppError =>
  new AppError('not-found', 'REPOSITORY_NOT_FOUND', `There is no repository "${name}".`, {
    hint: 'repository:list shows those there are.',
  });
