import { once } from 'node:events';

import Table from 'cli-table3';

import { AppError, messageOf } from '#libs/kernel/errors.js';

import { visible, visibleJson, visibleLine } from './visible.js';

export type Row = Readonly<Record<string, unknown>>;

/** Turns one listed thing into the text of a column. */
export type Columns<T> = Readonly<Record<string, (item: T) => string>>;

interface Progress {
  /** @param fraction 0 to 1 */
  readonly update: (fraction: number, label: string) => void;
  readonly stop: () => void;
}

/** Between two columns. */
const GAP = 2;
/** A column that is narrower than this cannot be read. */
const NARROWEST = 24;

/** The only user of stdout and stderr among the commands. What cannot be seen is escaped, wherever it comes from. */
export class Terminal {
  constructor(
    private readonly out: NodeJS.WriteStream,
    private readonly err: NodeJS.WriteStream,
  ) {}

  get isInteractive(): boolean {
    return this.out.isTTY && process.stdin.isTTY;
  }

  say(line: string): void {
    this.out.write(`${visibleLine(line)}\n`);
  }

  /** Text as it comes, such as a log. False when the reader is slow and `drained` should be awaited. */
  write(text: string): boolean {
    return this.out.write(visible(text));
  }

  async drained(): Promise<void> {
    await once(this.out, 'drain');
  }

  /** What a person should know, beside what was asked for. */
  note(line: string): void {
    this.err.write(`${visibleLine(line)}\n`);
  }

  warn(line: string): void {
    this.err.write(`warning: ${visibleLine(line)}\n`);
  }

  /** One line: what is wrong, the way out, and the code to look up. */
  fail(error: unknown): void {
    const known = error instanceof AppError;
    const parts = [
      messageOf(error),
      ...(known && error.hint ? [error.hint] : []),
      ...(known ? [`(${error.code})`] : []),
    ];
    this.err.write(`error: ${visibleLine(parts.join(' ').replaceAll(/\s*\n\s*/g, ' '))}\n`);
  }

  json(value: unknown): void {
    this.out.write(`${visibleJson(value, 2)}\n`);
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
    this.table([], Object.entries(facts));
  }

  /**
   * Does long work beside a bar on a terminal, or a line for every tenth elsewhere.
   *
   * @param total what `done` counts towards
   */
  async withProgress<T>(total: number, work: (done: (count: number, label: string) => void) => Promise<T>): Promise<T> {
    const { update, stop } = this.err.isTTY ? await this.bar() : this.tenths();
    try {
      return await work((count, label) => {
        update(total > 0 ? count / total : 1, label);
      });
    } finally {
      stop();
    }
  }

  private async bar(): Promise<Progress> {
    const { SingleBar } = await import('cli-progress');
    const bar = new SingleBar({
      format: '{bar} {percentage}% {label}',
      hideCursor: true,
      stream: this.err,
      clearOnComplete: true,
    });
    bar.start(1, 0, { label: '' });
    return {
      update: (fraction, label) => {
        bar.update(fraction, { label });
      },
      stop: () => {
        bar.stop();
      },
    };
  }

  private tenths(): Progress {
    let reached = 0;
    const update = (fraction: number, label: string): void => {
      const now = Math.floor(fraction * 10);
      if (now > reached) this.err.write(`${String(now * 10)}% ${label}\n`);
      reached = Math.max(reached, now);
    };
    return { update, stop: () => undefined };
  }

  /** On a terminal that is too narrow the widest column goes over several lines; elsewhere a row stays a line. */
  private fitting(rows: readonly (readonly string[])[]): { wordWrap?: boolean; colWidths?: number[] } {
    if (!this.out.isTTY) return {};
    const columns = Math.max(...rows.map(({ length }) => length));
    const widths = Array.from({ length: columns }, (_, column) =>
      Math.max(...rows.map((row) => visibleLine(row[column] ?? '').length + GAP)),
    );
    const tooMuch = widths.reduce((sum, width) => sum + width, 0) - GAP - this.out.columns;
    if (tooMuch <= 0) return {};
    const widest = widths.indexOf(Math.max(...widths));
    const colWidths = widths.map((width, column) => (column === widest ? Math.max(NARROWEST, width - tooMuch) : width));
    return { wordWrap: true, colWidths };
  }

  private table(head: readonly string[], rows: readonly (readonly string[])[]): void {
    const table = new Table({
      head: [...head],
      ...this.fitting([head, ...rows]),
      style: {
        head: this.out.isTTY ? ['bold'] : [],
        border: [],
        compact: true,
        'padding-left': 0,
        'padding-right': GAP,
      },
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
    table.push(...rows.map((row) => row.map(visibleLine)));
    for (const line of table.toString().split('\n')) this.out.write(`${line.trimEnd()}\n`); // with colours of its own
  }
}
