import { MINUTE } from '#libs/kernel/duration.js';

import { type Log, type LogFields } from './log.js';

/** Lines that are alike: they share level, message and kind, and there must be few kinds. */
export interface LineKind {
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
  /** What tells these lines from others with the same message: a status, a code. */
  readonly kind: number | string;
}

interface Window {
  seen: number;
  readonly close: () => void;
}

/** Enough to see what goes on, and 20 MB a day of each kind at most. */
const USUAL = { lines: 30, windowMs: MINUTE };

/**
 * Bounds what others can make us write (trust T-141): of lines that are alike the first few of a minute pass, and one
 * line at its end says how many more there were.
 */
export class SampledLog {
  private readonly windows = new Map<string, Window>();

  constructor(
    private readonly log: Log,
    private readonly limit = USUAL,
  ) {}

  /** @param fields asked for only when the line is written */
  write(line: LineKind, fields: () => LogFields): void {
    const name = `${line.message} ${String(line.kind)}`;
    const window = this.windows.get(name) ?? this.open(name, line);
    window.seen += 1;
    if (window.seen <= this.limit.lines) this.log[line.level](line.message, fields());
  }

  /** Tells at once what was left out, since the process ends. */
  end(): void {
    for (const { close } of [...this.windows.values()]) close();
  }

  private open(name: string, { level, message, kind }: LineKind): Window {
    const close = (): void => {
      clearTimeout(timer);
      this.windows.delete(name);
      const count = window.seen - this.limit.lines;
      if (count > 0) this.log[level]('alike lines left out', { line: message, kind, count });
    };
    const window = { seen: 0, close };
    const timer = setTimeout(close, this.limit.windowMs).unref();
    this.windows.set(name, window);
    return window;
  }
}
