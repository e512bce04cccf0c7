import { type RepositoryName } from '#libs/kernel/ids.js';

import { getRepository, repositoryNotFound } from '../get-repository.js';
import { repositoryExists, repositoryFrozen, repositoryNotFrozen } from '../repository-errors.js';
import { type RepositoryStore } from '../repository-store.js';
import { isFrozen, type Freeze, type Repository, type RepositorySettings } from '../repository.js';

export class InMemoryRepositoryStore implements RepositoryStore {
  private readonly repositories = new Map<RepositoryName, Repository>();
  private readonly deleted = new Map<RepositoryName, Repository>();
  private lastId = 0;

  add(name: RepositoryName, settings: RepositorySettings, at: Date): Promise<Repository> {
    if (this.repositories.has(name) || this.deleted.has(name)) {
      return Promise.reject(repositoryExists(name, this.deleted.has(name)));
    }
    this.lastId += 1;
    return Promise.resolve(this.put({ ...settings, id: this.lastId, name, freeze: undefined, createdAt: at }));
  }

  find(name: RepositoryName): Promise<Repository | undefined> {
    return Promise.resolve(this.repositories.get(name));
  }

  list(): Promise<readonly Repository[]> {
    return Promise.resolve(byName(this.repositories));
  }

  async update(name: RepositoryName, changes: Partial<RepositorySettings>): Promise<Repository> {
    return this.put({ ...(await getRepository(this, name)), ...changes });
  }

  async freeze(name: RepositoryName, freeze: Freeze): Promise<Repository> {
    const repository = await getRepository(this, name);
    if (repository.freeze && isFrozen(repository, freeze.at)) throw repositoryFrozen(name, repository.freeze);
    return this.put({ ...repository, freeze });
  }

  async unfreeze(name: RepositoryName, at: Date): Promise<Repository> {
    const repository = await getRepository(this, name);
    if (!isFrozen(repository, at)) throw repositoryNotFrozen(name);
    return this.put({ ...repository, freeze: undefined });
  }

  markDeleted(name: RepositoryName): Promise<void> {
    const repository = this.repositories.get(name);
    if (repository === undefined) return Promise.reject(repositoryNotFound(name));
    this.repositories.delete(name);
    this.deleted.set(name, repository);
    return Promise.resolve();
  }

  listDeleted(): Promise<readonly Repository[]> {
    return Promise.resolve(byName(this.deleted));
  }

  forget(id: number): Promise<void> {
    for (const [name, repository] of this.deleted) if (repository.id === id) this.deleted.delete(name);
    return Promise.resolve();
  }

  private put(repository: Repository): Repository {
    this.repositories.set(repository.name, repository);
    return repository;
  }
}

const byName = (repositories: ReadonlyMap<RepositoryName, Repository>): readonly Repository[] =>
  [...repositories.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
