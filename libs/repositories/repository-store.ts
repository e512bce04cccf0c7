import { type Act } from '#libs/kernel/actor.js';
import { type RepositoryName } from '#libs/kernel/ids.js';
import { token } from '#libs/kernel/provider.js';
import { type Fence } from '#libs/persistence/lease.js';

import { type Freeze, type Repository, type RepositorySettings } from './repository.js';

/** What was changed of that which decides what clients get. */
export interface PolicyChange {
  readonly at: Date;
  /** What stood there before it; what is not among it was not changed. */
  readonly before: Partial<Pick<Repository, 'delay' | 'holdBack' | 'freeze'>>;
}

/** Every change leaves an audit record in the same transaction (trust I-30). */
export interface RepositoryStore {
  /** @throws AppError `REPOSITORY_EXISTS` (also while an earlier one of that name is being removed) */
  add(name: RepositoryName, settings: RepositorySettings, at: Date, act: Act): Promise<Repository>;
  find(name: RepositoryName): Promise<Repository | undefined>;
  /** By name. Those marked deleted are not among them. */
  list(): Promise<readonly Repository[]>;
  /** Fields that are not among `changes` stay. @throws AppError `REPOSITORY_NOT_FOUND` */
  update(name: RepositoryName, changes: Partial<RepositorySettings>, at: Date, act: Act): Promise<Repository>;
  /** What was changed at that time or later, the latest first. */
  policyChanges(name: RepositoryName, since: Date): Promise<readonly PolicyChange[]>;
  /** @throws AppError `REPOSITORY_NOT_FOUND`, `REPOSITORY_FROZEN` when it is frozen already at that time */
  freeze(name: RepositoryName, freeze: Freeze, act: Act): Promise<Repository>;
  /** @throws AppError `REPOSITORY_NOT_FOUND`, `REPOSITORY_NOT_FROZEN` when it is not, or no longer, at that time */
  unfreeze(name: RepositoryName, at: Date, act: Act): Promise<Repository>;
  /** From now on it is not found; its name stays taken until `forget`. @throws AppError `REPOSITORY_NOT_FOUND` */
  markDeleted(name: RepositoryName, at: Date, act: Act): Promise<void>;
  /** Those marked deleted whose content may still have to be removed. */
  listDeleted(): Promise<readonly Repository[]>;
  /**
   * Removes the last trace of one that was marked deleted, and so frees its name; any other one stays. Its snapshots
   * have to be gone by then. @throws AppError `LEASE_LOST`
   */
  forget(id: number, fence: Fence): Promise<void>;
}

export const REPOSITORY_STORE = token<RepositoryStore>('RepositoryStore');
