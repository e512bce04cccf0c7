import { messageOf } from '#libs/kernel/errors.js';
import { CappedLog } from '#libs/commands/capped-log.js';
import { type Log } from '#libs/observability/log.js';

import { type RunStore } from './run-store.js';

/** Output is written in pieces of so many milliseconds: a chatty command must not cost a transaction for each line. */
const FLUSH_EVERY_MS = 500;

/** Takes down what an attempt says, in bounded memory, for those who follow its run. Log trouble never stops a sync. */
export class RunLog {
  private readonly capped = new CappedLog();
  private pending = '';
  private writing: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly runs: RunStore,
    private readonly run: number,
    private readonly log: Log,
  ) {}

  write(text: string): void {
    this.pending += this.capped.push(text);
    if (this.pending !== '') this.timer ??= setTimeout(() => void this.flush(), FLUSH_EVERY_MS);
  }

  /** A line of ours, told from the command's by its beginning. */
  note(text: string): void {
    this.write(`parceler: ${text}\n`);
  }

  /** Writes down the rest; nothing may follow. */
  async close(): Promise<void> {
    this.pending += this.capped.end();
    await this.flush();
    if (this.pending !== '') this.log.warn('end of a run log lost', { run: this.run, characters: this.pending.length });
  }

  private flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.writing = this.writing.then(() => this.append());
    return this.writing;
  }

  private async append(): Promise<void> {
    const text = this.pending;
    if (text === '') return;
    this.pending = '';
    try {
      await this.runs.appendLog(this.run, text);
    } catch (error) {
      this.pending = text + this.pending; // with the next piece, or at the end
      this.log.warn('run log not written yet', { run: this.run, error: messageOf(error) });
    }
  }
}
