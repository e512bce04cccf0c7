import { EntitySchema, In, MoreThanOrEqual, type EntityManager } from 'typeorm';

import { type Act } from '#libs/kernel/actor.js';

interface AuditRow {
  id: number;
  at: number;
  actor: string;
  action: string;
  subject: string;
  reason: string | null;
  details: string | null;
}

export const auditTable = new EntitySchema<AuditRow>({
  name: 'audit',
  tableName: 'audit',
  columns: {
    id: { type: Number, primary: true, generated: true },
    at: { type: Number },
    actor: { type: String },
    action: { type: String },
    subject: { type: String },
    reason: { type: String, nullable: true },
    details: { type: String, nullable: true },
  },
});

export interface AuditEntry {
  /** The use case's verb and noun: `freeze-repository`. */
  readonly action: string;
  /** What it was done to: `repository:debian`, `snapshot:debian/20260114T103045Z`. */
  readonly subject: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** Records who did what, in the transaction that does it (trust I-30). */
export async function recordAudit(manager: EntityManager, at: Date, act: Act, entry: AuditEntry): Promise<void> {
  await manager.insert(auditTable, {
    at: at.getTime(),
    actor: act.actor,
    action: entry.action,
    subject: entry.subject,
    reason: act.reason ?? null,
    details: entry.details ? JSON.stringify(entry.details) : null,
  });
}

export interface AuditRecord {
  readonly at: Date;
  readonly action: string;
  readonly subject: string;
  /** As JSON brings them back. */
  readonly details: Readonly<Record<string, unknown>>;
}

/** What was done to any of these subjects at that time or later, the latest first. */
export async function auditSince(
  manager: EntityManager,
  subjects: readonly string[],
  since: Date,
): Promise<readonly AuditRecord[]> {
  const rows = await manager.find(auditTable, {
    where: { subject: In([...subjects]), at: MoreThanOrEqual(since.getTime()) },
    order: { id: 'DESC' },
  });
  return rows.map(({ at, action, subject, details }) => ({
    at: new Date(at),
    action,
    subject,
    details: details === null ? {} : (JSON.parse(details) as Record<string, unknown>),
  }));
}
