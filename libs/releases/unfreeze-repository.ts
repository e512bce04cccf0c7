import { type Act } from '#libs/kernel/actor.js';
import { type Clock } from '#libs/kernel/clock.js';
import { type RepositoryName } from '#libs/kernel/ids.js';
import { type Repository } from '#libs/repositories/repository.js';
import { type RepositoryStore } from '#libs/repositories/repository-store.js';

/** Lets time decide again what clients get. */
export class UnfreezeRepository {
  constructor(
    private readonly repositories: RepositoryStore,
    private readonly clock: Clock,
  ) {}

  /** @throws AppError `REPOSITORY_NOT_FOUND`, `REPOSITORY_NOT_FROZEN` */
  run(name: RepositoryName, act: Act): Promise<Repository> {
    return this.repositories.unfreeze(name, this.clock.now(), act);
  }
}
