import { type EntityManager } from 'typeorm';

import { type TableOfRows } from './tables.js';

type Row = Readonly<Record<string, unknown>>;

const ROWS_AT_ONCE = 1_000;

/** Copies all rows of a table into one of the same columns that has none of them, and answers how many there are. */
export async function copyRows(from: EntityManager, to: EntityManager, table: TableOfRows): Promise<number> {
  let copied = 0;
  for (let rows = await rowsAfter(from, table, undefined); rows.length > 0;) {
    await insert(to, table.name, rows);
    copied += rows.length;
    rows = await rowsAfter(from, table, rows.at(-1));
  }
  return copied;
}

export async function countRows(manager: EntityManager, { name }: TableOfRows): Promise<number> {
  const [row] = await manager.query<readonly { readonly rows: number | string }[]>(
    `select count(*) as "rows" from ${name}`,
  );
  return Number(row?.rows ?? 0);
}

/** By key, not by offset: the last rows are found as fast as the first. */
function rowsAfter(manager: EntityManager, { name, key }: TableOfRows, last: Row | undefined): Promise<readonly Row[]> {
  const columns = key.join(', ');
  const behind = last === undefined ? '' : `where (${columns}) > (${parameters(manager, key.length)})`;
  const values = last === undefined ? [] : key.map((column) => last[column]);
  return manager.query(`select * from ${name} ${behind} order by ${columns} limit ${String(ROWS_AT_ONCE)}`, values);
}

async function insert(manager: EntityManager, table: string, rows: readonly Row[]): Promise<void> {
  const columns = Object.keys(rows[0] ?? {});
  const tuples = rows.map((_, index) => `(${parameters(manager, columns.length, index * columns.length)})`);
  await manager.query(
    `insert into ${table} (${columns.join(', ')}) values ${tuples.join(', ')}`,
    rows.flatMap((row) => columns.map((column) => row[column])),
  );
}

/** In the words of the database: `?, ?` or `$1, $2`. */
function parameters(manager: EntityManager, count: number, before = 0): string {
  const { driver } = manager.dataSource;
  return Array.from({ length: count }, (_, index) => driver.createParameter('value', before + index)).join(', ');
}
