import { type Repository } from './repository.js';
import { type RepositoryStore } from './repository-store.js';

/** Whether it still waits for its removal: not after its name was freed, whoever has that now. */
export const isMarkedDeleted = async (
  repositories: Pick<RepositoryStore, 'listDeleted'>,
  { id }: Pick<Repository, 'id'>,
): Promise<boolean> => (await repositories.listDeleted()).some((deleted) => deleted.id === id);
