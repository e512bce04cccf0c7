import { type EntityManager } from 'typeorm';

import { type Act } from '#libs/kernel/actor.js';
import { type RepositoryName, type SnapshotId } from '#libs/kernel/ids.js';
import { recordAudit } from '#libs/persistence/audit.js';

import { type NewSnapshot } from '../../snapshot.js';

/** What audit records of a snapshot are about. */
export const subjectOf = (repository: RepositoryName, id: SnapshotId): string => `snapshot:${repository}/${id}`;

/** What a record says of a snapshot that becomes visible. */
export const publicationOf = ({ sequence, state, files, bytes, manifestSha256 }: NewSnapshot) => ({
  sequence,
  state,
  files,
  bytes,
  manifestSha256,
});

export const recordPublication = (manager: EntityManager, now: Date, act: Act, snapshot: NewSnapshot): Promise<void> =>
  recordAudit(manager, now, act, {
    action: 'publish-snapshot',
    subject: subjectOf(snapshot.repository, snapshot.id),
    details: publicationOf(snapshot),
  });
