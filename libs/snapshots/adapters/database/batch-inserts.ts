import { type EntityManager, type EntitySchema, type ObjectLiteral } from 'typeorm';

import { PreparedQuery } from './prepared-query.js';

/** Rows per statement: large enough to be fast, and far below any database's limit of parameters. */
export const BATCH = 500;

/** Inserts of a whole batch share one statement, whose text alone takes longer to build than the rows to write. */
export class BatchInserts<Row extends ObjectLiteral> {
  private wholeBatch: BatchInsert | undefined;

  constructor(
    private readonly manager: EntityManager,
    private readonly table: EntitySchema<Row>,
  ) {}

  /** @param rows a batch at most, without what the database makes itself */
  async run(rows: readonly Partial<Row>[]): Promise<void> {
    if (rows.length === 0) return;
    const whole = rows.length === BATCH;
    const { query, cells } = whole ? (this.wholeBatch ??= this.insertOf(BATCH)) : this.insertOf(rows.length);
    await query.runInOrder(
      this.manager,
      cells.map(({ index, column }) => rows[index]?.[column] as unknown),
    );
  }

  private insertOf(count: number): BatchInsert {
    const columns = Object.entries(this.table.options.columns).filter(([, facts]) => facts?.generated !== true);
    const names = (index: number) => columns.map(([column]) => [column, `${String(index)} ${column}`]);
    const rows = Array.from({ length: count }, (_, index): unknown => Object.fromEntries(names(index)));
    const insert = this.manager.createQueryBuilder().insert().into(this.table).updateEntity(false);
    const query = new PreparedQuery(insert.values(rows as never));
    return { query, cells: query.names.map(cellOf) };
  }
}

interface BatchInsert {
  readonly query: PreparedQuery;
  /** Where each of the query's parameters stands in the rows. */
  readonly cells: readonly Cell[];
}

interface Cell {
  readonly index: number;
  readonly column: string;
}

function cellOf(name: string): Cell {
  const [index, column = ''] = name.split(' ');
  return { index: Number(index), column };
}
