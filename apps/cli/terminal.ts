import { once } from 'node:events';

import Table from 'cli-table3';

import { AppError, messageOf } from '#libs/kernel/errors.js';

export type Row = Readonly<Record<string, unknown>>;

/** Turns one listed thing into the text of a column. */
export type Columns<T> = Readonly<Record<string, (item: T) => string>>;

export interface ProgressBar {
  /** @param fraction 0 to 1 */
  update(fraction: number, label: string): void;
  end(): void;
}

/** The only user of stdout and stderr among the commands. */
export class Terminal {
  constructor(
    private readonly out: NodeJS.WriteStream,
    private readonly err: NodeJS.WriteStream,
  ) {}

  get isInteractive(): boolean {
    return this.out.isTTY && process.stdin.isTTY;
  }

  say(line: string): void {
    this.out.write(`${line}\n`);
  }

  /** Text as it comes, such as a log. False when the reader is slow and `drained` should be awaited. */
  write(text: string): boolean {
    return this.out.write(text);
  }

  async drained(): Promise<void> {
    await once(this.out, 'drain');
  }

  warn(line: string): void {
    this.err.write(`warning: ${line}\n`);
  }

  /** One line: what is wrong, the way out, and the code to look up. */
  fail(error: unknown): void {
    const known = error instanceof AppError;
    const parts = [
      messageOf(error),
      ...(known && error.hint ? [error.hint] : []),
      ...(known ? [`(${error.code})`] : []),
    ];
    this.err.write(`error: ${parts.join(' ').replaceAll(/\s*\n\s*/g, ' ')}\n`);
  }

  json(value: unknown): void {
    this.out.write(`${JSON.stringify(value, null, 2)}\n`);
  }

  /** A listing: `--json` prints the views as they are, otherwise the columns make a table; an empty one says what to do next. */
  list<T extends Row>(
    items: readonly T[],
    columns: Columns<T>,
    options: { readonly json?: boolean; readonly empty: string },
  ): void {
    if (options.json) {
      this.json(items);
    } else if (items.length === 0) {
      this.say(options.empty);
    } else {
      this.table(
        Object.keys(columns),
        items.map((item) => Object.values(columns).map((text) => text(item))),
      );
    }
  }

  /** One thing, a line per fact. */
  facts(facts: Readonly<Record<string, string>>): void {
    const width = Math.max(...Object.keys(facts).map(({ length }) => length));
    for (const [name, value] of Object.entries(facts)) this.say(`${name.padEnd(width)}  ${value}`.trimEnd());
  }

  /** A bar on a terminal; elsewhere a line for every tenth that was done. */
  async progress(): Promise<ProgressBar> {
    if (!this.err.isTTY) return this.progressLines();
    const { SingleBar } = await import('cli-progress');
    const bar = new SingleBar({ format: '{bar} {percentage}% {label}', hideCursor: true, stream: this.err });
    bar.start(1, 0, { label: '' });
    return { update: (fraction, label) => bar.update(fraction, { label }), end: () => bar.stop() };
  }

  private progressLines(): ProgressBar {
    let tenths = 0;
    return {
      update: (fraction, label) => {
        const reached = Math.floor(fraction * 10);
        if (reached > tenths) this.err.write(`${String(reached * 10)}% ${label}\n`);
        tenths = Math.max(tenths, reached);
      },
      end: () => undefined,
    };
  }

  private table(head: readonly string[], rows: readonly (readonly string[])[]): void {
    const table = new Table({
      head: [...head],
      style: { head: this.out.isTTY ? ['bold'] : [], border: [], compact: true, 'padding-left': 0, 'padding-right': 2 },
      chars: Object.fromEntries(
        [
          'top',
          'top-mid',
          'top-left',
          'top-right',
          'bottom',
          'bottom-mid',
          'bottom-left',
          'bottom-right',
          'left',
          'left-mid',
          'mid',
          'mid-mid',
          'right',
          'right-mid',
          'middle',
        ].map((part) => [part, '']),
      ),
    });
    table.push(...rows.map((row) => [...row]));
    for (const line of table.toString().split('\n')) this.say(line.trimEnd());
  }
}

export const TERMINAL = Symbol('Terminal');
