import { type RepositoryName } from '#libs/kernel/ids.js';

/** The lease under which a repository's source and snapshots are changed: one sync, milestone or removal at a time. */
export const repositoryLease = (name: RepositoryName): string => `repository:${name}`;
