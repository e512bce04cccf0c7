import { type RepositoryName } from '#libs/kernel/ids.js';
import { leaseLost } from '#libs/persistence/fence.js';
import { type Fence } from '#libs/persistence/lease.js';

import { getRepository, repositoryNotFound } from '../get-repository.js';
import { repositoryExists, repositoryFrozen, repositoryNotFrozen } from '../repository-errors.js';
import { type PolicyChange, type RepositoryStore } from '../repository-store.js';
import { isFrozen, type Freeze, type Repository, type RepositorySettings } from '../repository.js';

export class InMemoryRepositoryStore implements RepositoryStore {
  private readonly repositories = new Map<RepositoryName, Repository>();
  private readonly deleted = new Map<RepositoryName, Repository>();
  /** The latest first. */
  private readonly changes = new Map<RepositoryName, readonly PolicyChange[]>();
  private lastId = 0;

  /** @param holds whether a fence still holds; by default every one does */
  constructor(private readonly holds: (fence: Fence) => boolean = () => true) {}

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

  async update(name: RepositoryName, changes: Partial<RepositorySettings>, at: Date): Promise<Repository> {
    const before = await getRepository(this, name);
    const after = this.put({ ...before, ...changes });
    this.record(name, at, {
      ...(after.delay !== before.delay && { delay: before.delay }),
      ...(after.holdBack !== before.holdBack && { holdBack: before.holdBack }),
    });
    return after;
  }

  policyChanges(name: RepositoryName, since: Date): Promise<readonly PolicyChange[]> {
    return Promise.resolve((this.changes.get(name) ?? []).filter(({ at }) => at >= since));
  }

  async freeze(name: RepositoryName, freeze: Freeze): Promise<Repository> {
    const repository = await getRepository(this, name);
    if (repository.freeze && isFrozen(repository, freeze.at)) throw repositoryFrozen(name, repository.freeze);
    this.record(name, freeze.at, { freeze: repository.freeze });
    return this.put({ ...repository, freeze });
  }

  async unfreeze(name: RepositoryName, at: Date): Promise<Repository> {
    const repository = await getRepository(this, name);
    if (!isFrozen(repository, at)) throw repositoryNotFrozen(name);
    this.record(name, at, { freeze: repository.freeze });
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

  forget(id: number, fence: Fence): Promise<void> {
    if (!this.holds(fence)) return Promise.reject(leaseLost(fence.name));
    for (const [name, repository] of this.deleted) if (repository.id === id) this.deleted.delete(name);
    return Promise.resolve();
  }

  private record(name: RepositoryName, at: Date, before: PolicyChange['before']): void {
    if (Object.keys(before).length === 0) return;
    this.changes.set(name, [{ at, before }, ...(this.changes.get(name) ?? [])]);
  }

  private put(repository: Repository): Repository {
    this.repositories.set(repository.name, repository);
    return repository;
  }
}

const byName = (repositories: ReadonlyMap<RepositoryName, Repository>): readonly Repository[] =>
  [...repositories.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
