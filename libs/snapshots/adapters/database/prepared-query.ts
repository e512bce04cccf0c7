import { type EntityManager } from 'typeorm';

/**
 * A statement whose text is built once by a query builder, in the words of the database at hand, and then run many
 * times: building it costs far more than a look-up by key does.
 */
export class PreparedQuery<Row = unknown> {
  /** The parameters as the statement wants them, one after another. */
  readonly names: readonly string[];
  private readonly sql: string;

  /** @param query with every parameter's value being its own name */
  constructor(query: { getQueryAndParameters(): [string, unknown[]] }) {
    const [sql, names] = query.getQueryAndParameters();
    this.sql = sql;
    this.names = names as readonly string[];
  }

  run(manager: EntityManager, values: Readonly<Record<string, unknown>>): Promise<readonly Row[]> {
    return this.runInOrder(
      manager,
      this.names.map((name) => values[name]),
    );
  }

  /** @param values in the order of `names` */
  runInOrder(manager: EntityManager, values: unknown[]): Promise<readonly Row[]> {
    return manager.query(this.sql, values);
  }
}
