/**
 * The database's own clock as an SQL expression: milliseconds since 1970. Leases end by it, so that hosts whose clocks
 * differ agree. SQLite has no server: its connections get a function of that name that asks this process's `Clock`,
 * which is the host's, and only one host may open the file. PostgreSQL gets one from the first migration.
 */
export const DATABASE_NOW = 'parceler_now()';

/** The name of that function. */
export const DATABASE_NOW_FUNCTION = 'parceler_now';
