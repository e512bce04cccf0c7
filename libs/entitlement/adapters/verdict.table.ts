import { EntitySchema } from 'typeorm';

import { type KeptVerdict } from '../verdicts/kept-verdict.js';
import { type PendingVerdict } from './pending-verdicts.js';

export interface VerdictRow {
  key: string;
  systemKey: string;
  checkedAt: number;
  freshUntil: number;
  usableUntil: number;
  validUntil: number | null;
}

export const verdictTable = new EntitySchema<VerdictRow>({
  name: 'verdict',
  tableName: 'verdicts',
  columns: {
    key: { type: String, primary: true },
    systemKey: { type: String, name: 'system_key' },
    checkedAt: { type: Number, name: 'checked_at' },
    freshUntil: { type: Number, name: 'fresh_until' },
    usableUntil: { type: Number, name: 'usable_until' },
    validUntil: { type: Number, name: 'valid_until', nullable: true },
  },
});

export const toRow = ({ key, systemKey, verdict }: PendingVerdict): VerdictRow => ({
  ...verdict,
  key,
  systemKey,
  validUntil: verdict.validUntil ?? null,
});

export const toVerdict = (row: VerdictRow): KeptVerdict => ({
  checkedAt: row.checkedAt,
  freshUntil: row.freshUntil,
  usableUntil: row.usableUntil,
  validUntil: row.validUntil === null ? undefined : row.validUntil,
});
