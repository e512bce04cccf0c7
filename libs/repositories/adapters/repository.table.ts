import { EntitySchema } from 'typeorm';

import { isEdition } from '#libs/entitlement/edition.js';
import { type RepositoryName, type SnapshotId } from '#libs/kernel/ids.js';

import { type Freeze, type HoldBack, type Repository, type RepositorySettings } from '../repository.js';

/** The sequences are not mapped here: they belong to the snapshots. */
export interface RepositoryRow {
  id: number;
  name: string;
  command: string;
  sourceFolder: string | null;
  delay: number;
  holdBack: string;
  schedule: string | null;
  /** Joined by commas. */
  editions: string;
  frozenSnapshot: string | null;
  frozenAt: number | null;
  frozenReason: string | null;
  frozenUntil: number | null;
  createdAt: number;
  deletedAt: number | null;
}

export const repositoryTable = new EntitySchema<RepositoryRow>({
  name: 'repository',
  tableName: 'repositories',
  columns: {
    id: { type: Number, primary: true, generated: true },
    name: { type: String, unique: true },
    command: { type: String },
    sourceFolder: { type: String, name: 'source_folder', nullable: true },
    delay: { type: Number },
    holdBack: { type: String, name: 'hold_back' },
    schedule: { type: String, nullable: true },
    editions: { type: String },
    frozenSnapshot: { type: String, name: 'frozen_snapshot', nullable: true },
    frozenAt: { type: Number, name: 'frozen_at', nullable: true },
    frozenReason: { type: String, name: 'frozen_reason', nullable: true },
    frozenUntil: { type: Number, name: 'frozen_until', nullable: true },
    createdAt: { type: Number, name: 'created_at' },
    deletedAt: { type: Number, name: 'deleted_at', nullable: true },
  },
});

export const toRepository = (row: RepositoryRow): Repository => ({
  id: row.id,
  name: row.name as RepositoryName,
  command: row.command,
  sourceFolder: row.sourceFolder ?? undefined,
  delay: row.delay,
  holdBack: row.holdBack as HoldBack,
  schedule: row.schedule ?? undefined,
  editions: row.editions.split(',').filter(isEdition),
  freeze: toFreeze(row),
  createdAt: new Date(row.createdAt),
});

function toFreeze(row: RepositoryRow): Freeze | undefined {
  if (row.frozenSnapshot === null || row.frozenAt === null) return undefined;
  return {
    snapshot: row.frozenSnapshot as SnapshotId,
    at: new Date(row.frozenAt),
    reason: row.frozenReason ?? undefined,
    until: row.frozenUntil === null ? undefined : new Date(row.frozenUntil),
  };
}

export const settingsColumns = (settings: RepositorySettings) => ({
  command: settings.command,
  sourceFolder: settings.sourceFolder ?? null,
  delay: settings.delay,
  holdBack: settings.holdBack,
  schedule: settings.schedule ?? null,
  editions: settings.editions.join(','),
});

export const freezeColumns = (freeze: Freeze | undefined) => ({
  frozenSnapshot: freeze?.snapshot ?? null,
  frozenAt: freeze?.at.getTime() ?? null,
  frozenReason: freeze?.reason ?? null,
  frozenUntil: freeze?.until?.getTime() ?? null,
});
