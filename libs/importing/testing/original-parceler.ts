import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { BetterSqlite3 } from '#libs/persistence/sqlite/driver.js';

/** Contents by path. */
export type Tree = Readonly<Record<string, string>>;

export interface OriginalRow {
  readonly name: string;
  readonly command?: string;
  readonly sub_dir?: string | null;
  readonly delay?: number | string;
  readonly freeze?: string | null;
}

/** The database and storage of an original Parceler, laid out as it does. */
export class OriginalParceler {
  readonly folder = mkdtempSync(join(tmpdir(), 'original-'));
  readonly database = join(this.folder, 'database.sqlite');
  readonly storage = join(this.folder, 'storage');

  constructor(rows: readonly OriginalRow[]) {
    mkdirSync(join(this.storage, 'source'), { recursive: true });
    mkdirSync(join(this.storage, 'snapshots'));
    const database = new BetterSqlite3(this.database);
    database.exec(LARAVEL_TABLES);
    database.close();
    for (const row of rows) this.add(row);
  }

  add({ name, command = 'true', sub_dir = null, delay = 7, freeze = null }: OriginalRow): void {
    const database = new BetterSqlite3(this.database);
    const now = '2026-01-14 10:30:45';
    database
      .prepare(
        'insert into repositories (name, command, sub_dir, delay, freeze, created_at, updated_at) values (?, ?, ?, ?, ?, ?, ?)',
      )
      .run(name, command, sub_dir, delay, freeze, now, now);
    database.close();
  }

  /** A tree of `snapshots/<repository>`, or of another folder. */
  put(repository: string, directory: string, tree: Tree, folder = 'snapshots'): void {
    const home = join(this.storage, folder, repository, directory);
    mkdirSync(home, { recursive: true });
    for (const [path, content] of Object.entries(tree)) {
      mkdirSync(dirname(join(home, path)), { recursive: true });
      writeFileSync(join(home, path), content);
      utimesSync(join(home, path), 1_760_000_000, 1_760_000_000);
    }
  }

  path(repository: string, directory: string, path = ''): string {
    return join(this.storage, 'snapshots', repository, directory, path);
  }

  /** What stands in the storage and in the database, with times: to see that nothing changed. */
  contents(): Readonly<Record<string, string>> {
    const files = readdirSync(this.folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
      statSync(join(this.folder, path)).isFile(),
    );
    const told = (path: string) =>
      `${String(statSync(join(this.folder, path)).mtimeMs)} ${readFileSync(join(this.folder, path)).toString('base64')}`;
    return Object.fromEntries(files.toSorted().map((path) => [path, told(path)]));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const LARAVEL_TABLES = `
  create table migrations (id integer primary key autoincrement not null, migration varchar not null, batch integer not null);
  create table cache (key varchar not null, value text not null, expiration integer not null, primary key (key));
  create table cache_locks (key varchar not null, owner varchar not null, expiration integer not null, primary key (key));
  create table jobs (id integer primary key autoincrement not null, queue varchar not null, payload text not null,
    attempts integer not null, reserved_at integer, available_at integer not null, created_at integer not null);
  create table repositories (id integer primary key autoincrement not null, name varchar not null, command text not null,
    sub_dir varchar, delay integer not null default '7', freeze varchar, created_at datetime, updated_at datetime);
  create unique index repositories_name_unique on repositories (name);
  insert into migrations (migration, batch) values ('2024_01_01_000000_create_repositories_table', 1);
`;
