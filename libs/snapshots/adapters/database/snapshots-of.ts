import { type EntityManager } from 'typeorm';

import { snapshotTable } from './snapshot.table.js';

/** In SQL, of the repository in the parameter `repository`. */
export const REPOSITORY_ID = '(select id from repositories where name = :repository)';

/** The snapshots of a repository, by its name. */
export const snapshotsOf = (manager: EntityManager, repository: string) =>
  manager
    .createQueryBuilder(snapshotTable, 'snapshot')
    .where(`snapshot.repositoryId = ${REPOSITORY_ID}`, { repository });
