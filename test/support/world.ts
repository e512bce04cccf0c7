import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { BetterSqlite3 } from '#libs/persistence/sqlite/driver.js';

/**
 * Everything that a Parceler keeps: each row of each table of its databases, and each file of its disk with its content.
 * What refuses to do something leaves all of it as it was.
 */
export function worldOf(storage: string): readonly string[] {
  const databases = ['parceler.sqlite', 'queue.sqlite'].flatMap((name) => rowsOf(join(storage, name)));
  return [...databases, ...filesOf(join(storage, 'disk'))];
}

function rowsOf(file: string): readonly string[] {
  if (!existsSync(file)) return [];
  const database = new BetterSqlite3(file, { readonly: true });
  try {
    const tables = database.prepare<[], string>(`select name from sqlite_schema where type = 'table'`).pluck().all();
    return tables.toSorted().flatMap((table) =>
      database
        .prepare<[], object>(`select * from "${table}"`)
        .all()
        .map((row) => `${table} ${JSON.stringify(row, bigIntText)}`),
    );
  } finally {
    database.close();
  }
}

const bigIntText = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value);

function filesOf(root: string): readonly string[] {
  if (!existsSync(root)) return [];
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .toSorted()
    .map((path) => {
      const state = lstatSync(join(root, path));
      const content = state.isFile()
        ? createHash('sha256')
            .update(readFileSync(join(root, path)))
            .digest('hex')
        : '';
      return `${path} ${String(state.mode)} ${content}`;
    });
}
