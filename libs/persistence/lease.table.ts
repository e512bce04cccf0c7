import { EntitySchema } from 'typeorm';

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
