import { type SnapshotId } from '#libs/kernel/ids.js';
import { type AuditRecord } from '#libs/persistence/audit.js';

import { type PolicyChange } from '../repository-store.js';
import { type Freeze, type HoldBack } from '../repository.js';

/** A freeze as the audit log keeps it. */
interface FreezeDetails {
  readonly snapshot: SnapshotId;
  readonly at: number;
  readonly reason?: string | undefined;
  readonly until?: number | undefined;
}

export const freezeDetails = ({ snapshot, at, reason, until }: Freeze): FreezeDetails => ({
  snapshot,
  at: at.getTime(),
  reason,
  until: until?.getTime(),
});

/** What the act that an audit record is of found, or `undefined` when it changed nothing that decides what is served. */
export function policyBefore({ action, details }: AuditRecord): PolicyChange['before'] | undefined {
  switch (action) {
    case 'freeze-repository':
      return { freeze: toFreeze(details['replaces']) };
    case 'unfreeze-repository':
      return { freeze: toFreeze(details) };
    case 'update-repository':
      return settingsBefore(details);
    default:
      return undefined;
  }
}

function toFreeze(details: unknown): Freeze | undefined {
  if (details === undefined) return undefined;
  const { snapshot, at, reason, until } = details as FreezeDetails;
  return { snapshot, at: new Date(at), reason, until: until === undefined ? undefined : new Date(until) };
}

function settingsBefore(details: AuditRecord['details']): PolicyChange['before'] | undefined {
  const { delay, holdBack } = details as {
    readonly delay?: { readonly from: number };
    readonly holdBack?: { readonly from: HoldBack };
  };
  if (!delay && !holdBack) return undefined;
  return { ...(delay && { delay: delay.from }), ...(holdBack && { holdBack: holdBack.from }) };
}
