import { type Act } from '#libs/kernel/actor.js';
import { type Clock } from '#libs/kernel/clock.js';
import { AppError } from '#libs/kernel/errors.js';
import { type RepositoryName } from '#libs/kernel/ids.js';

import { parseChanges, type SettingsDraft } from './repository-settings.js';
import { type RepositoryStore } from './repository-store.js';
import { type Repository } from './repository.js';

export class UpdateRepository {
  constructor(
    private readonly repositories: RepositoryStore,
    private readonly clock: Clock,
  ) {}

  /**
   * Changes the settings that the draft names; the others stay.
   *
   * @throws AppError `INVALID_…` for what is wrong with the draft, `NOTHING_TO_CHANGE`, `REPOSITORY_NOT_FOUND`
   */
  async run(name: RepositoryName, draft: SettingsDraft, act: Act): Promise<Repository> {
    const changes = parseChanges(draft);
    if (Object.keys(changes).length === 0) throw nothingToChange(name);
    return this.repositories.update(name, changes, this.clock.now(), act);
  }
}

const nothingToChange = (name: RepositoryName): AppError =>
  new AppError('invalid', 'NOTHING_TO_CHANGE', `Nothing was said of what to change in "${name}".`, {
    hint: 'Name at least one setting, such as --delay 3.',
  });
