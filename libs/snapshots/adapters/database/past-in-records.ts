import { type AuditRecord } from '#libs/persistence/audit.js';
import { type Sha256 } from '#libs/storage/layout.js';

import { type SnapshotState } from '../../snapshot.js';
import { type Past } from '../../snapshot-store.js';

/** @param records all of the snapshot's, the latest first */
export function pastIn(records: readonly AuditRecord[], manifestSha256: Sha256): Past {
  let removal: AuditRecord | undefined;
  for (const record of records) {
    const { details } = record;
    if (details['to'] === 'removing') removal = record;
    if (details['manifestSha256'] === undefined) continue;
    if (details['manifestSha256'] === manifestSha256) {
      // Without a record of its own it went with its whole repository.
      if (removal?.details['gone'] !== true) return { kind: 'removed' };
      return { kind: 'vanished', state: removal.details['from'] as SnapshotState, since: removal.at };
    }
    removal = undefined;
  }
  return { kind: 'unpublished' };
}
