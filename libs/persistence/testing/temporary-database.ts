import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type EntitySchema } from 'typeorm';

import { systemClock, type Clock } from '#libs/kernel/clock.js';

import { type Database } from '../database.js';
import { type DatabaseLocation, openDatabase } from '../open-database.js';

export interface TemporaryDatabase {
  readonly database: Database;
  readonly location: DatabaseLocation;
  /** Opens it once more, as another process would; closed with it. */
  readonly another: () => Promise<Database>;
  /** Closes the database and removes it. */
  readonly remove: () => Promise<void>;
}

/** A fresh database with the whole schema. */
export type MakeDatabase = (tables?: readonly EntitySchema[], clock?: Clock) => Promise<TemporaryDatabase>;

/** Where a database may be made. */
export interface EmptyPlace {
  readonly location: DatabaseLocation;
  readonly remove: () => Promise<unknown>;
}

export type MakePlace = () => Promise<EmptyPlace>;

/** For an SQLite file, in a folder of its own. */
export async function filePlace(): Promise<EmptyPlace & { readonly location: { readonly driver: 'sqlite' } }> {
  const folder = await mkdtemp(join(tmpdir(), 'parceler-database-'));
  const location = { driver: 'sqlite', file: join(folder, 'parceler.sqlite') } as const;
  return { location, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** On SQLite. What holds for databases in general is tested by `describeEachDatabase`. */
export const temporaryFile: MakeDatabase = async (tables = [], clock = systemClock) => {
  const place = await filePlace();
  return temporary(place, () => openDatabase(place.location, tables, { clock }));
};

export async function temporary(
  { location, remove }: EmptyPlace,
  open: () => Promise<Database>,
): Promise<TemporaryDatabase> {
  const opened: Database[] = [];
  const another = async (): Promise<Database> => {
    const database = await open();
    opened.push(database);
    return database;
  };
  return {
    location,
    database: await another(),
    another,
    remove: async () => {
      for (const database of opened) await database.close();
      await remove();
    },
  };
}
