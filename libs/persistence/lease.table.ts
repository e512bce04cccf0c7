import { EntitySchema } from 'typeorm';

import { DATABASE_NOW } from './database-time.js';
import { LONGEST_LEASE } from './lease.js';

export interface LeaseRow {
  name: string;
  /** Null while nobody holds it. */
  owner: string | null;
  token: number;
  expiresAt: number;
}

export const leaseTable = new EntitySchema<LeaseRow>({
  name: 'lease',
  tableName: 'leases',
  columns: {
    name: { type: String, primary: true },
    owner: { type: String, nullable: true },
    token: { type: Number },
    expiresAt: { type: Number, name: 'expires_at' },
  },
});

/** Whether a row is somebody's lease now. */
export const ALIVE = `owner is not null and expires_at > ${DATABASE_NOW} and expires_at <= ${DATABASE_NOW} + ${String(LONGEST_LEASE)}`;
