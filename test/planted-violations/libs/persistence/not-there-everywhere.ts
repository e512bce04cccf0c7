import BetterSqlite3 from 'better-sqlite3'; // breaks: optional-packages-may-be-missing

export const memory = new BetterSqlite3(':memory:');
