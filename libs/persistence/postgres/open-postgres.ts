import { PostgresEngine } from './engine.js';
import { explainPostgresError } from './errors.js';
import { placeOf } from './place.js';
import { type PostgresSettings } from './settings.js';

/** @throws AppError `DATABASE_…`, which names the server and the database */
export async function openPostgres(settings: PostgresSettings): Promise<PostgresEngine> {
  try {
    return await PostgresEngine.open(settings);
  } catch (error) {
    throw explainPostgresError(error, placeOf(settings.url));
  }
}
