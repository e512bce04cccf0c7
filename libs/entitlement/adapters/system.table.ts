import { EntitySchema } from 'typeorm';

import { type SystemId } from '#libs/kernel/ids.js';

import { type SecretHash } from '../credential-keys.js';
import { edition } from '../edition.js';
import { type RegisteredSystem } from '../systems/system-store.js';

export interface SystemRow {
  id: string;
  edition: string;
  secretHash: string;
  validUntil: number | null;
  revokedAt: number | null;
  createdAt: number;
}

export const systemTable = new EntitySchema<SystemRow>({
  name: 'system',
  tableName: 'systems',
  columns: {
    id: { type: String, primary: true },
    edition: { type: String, primary: true },
    secretHash: { type: String, name: 'secret_hash' },
    validUntil: { type: Number, name: 'valid_until', nullable: true },
    revokedAt: { type: Number, name: 'revoked_at', nullable: true },
    createdAt: { type: Number, name: 'created_at' },
  },
});

export const toRow = (system: RegisteredSystem): SystemRow => ({
  id: system.id,
  edition: system.edition,
  secretHash: system.secretHash,
  validUntil: system.validUntil?.getTime() ?? null,
  revokedAt: system.revokedAt?.getTime() ?? null,
  createdAt: system.createdAt.getTime(),
});

export const toSystem = (row: SystemRow): RegisteredSystem => ({
  id: row.id as SystemId,
  edition: edition(row.edition),
  secretHash: row.secretHash as SecretHash,
  validUntil: toDate(row.validUntil),
  revokedAt: toDate(row.revokedAt),
  createdAt: new Date(row.createdAt),
});

const toDate = (instant: number | null): Date | undefined => (instant === null ? undefined : new Date(instant));
