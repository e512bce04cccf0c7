import { type Act } from '#libs/kernel/actor.js';
import { type Clock } from '#libs/kernel/clock.js';

import { parseRepository, type RepositoryDraft } from './repository-settings.js';
import { type RepositoryStore } from './repository-store.js';
import { type Repository } from './repository.js';

export class RegisterRepository {
  constructor(
    private readonly repositories: RepositoryStore,
    private readonly clock: Clock,
  ) {}

  /** @throws AppError `INVALID_…` for what is wrong with the draft, `REPOSITORY_EXISTS` */
  async run(draft: RepositoryDraft, act: Act): Promise<Repository> {
    const { name, settings } = parseRepository(draft);
    return this.repositories.add(name, settings, this.clock.now(), act);
  }
}
