import { type EntitySchema } from 'typeorm';

import { type Migrations } from '../migrations/all.js';

export interface PostgresSettings {
  /** `postgres://user:password@host:port/database?sslmode=…`, where `sslmode` means what it means to PostgreSQL's own programs. */
  readonly url: string;
  readonly tables: readonly EntitySchema[];
  readonly migrations: Migrations;
  /** How long a transaction waits for another process to end its own, and for a server that restarts. */
  readonly lockPatienceMs: number;
}
