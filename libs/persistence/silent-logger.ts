import { type Logger } from 'typeorm';

/** TypeORM would write to the console. What fails is thrown, and told by whoever catches it. */
export const SILENT: Logger = {
  logQuery: () => undefined,
  logQueryError: () => undefined,
  logQuerySlow: () => undefined,
  logSchemaBuild: () => undefined,
  logMigration: () => undefined,
  log: () => undefined,
};
