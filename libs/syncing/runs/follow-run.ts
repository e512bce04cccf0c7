import { getRun } from './get-run.js';
import { isOpen, type Run } from './run.js';
import { type LogChunk, type RunStore } from './run-store.js';

export type RunEvent =
  /** State, step or attempt have changed; the last event of all says how the run ended. */
  { readonly kind: 'run'; readonly run: Run } | { readonly kind: 'log'; readonly chunk: LogChunk };

const ASK_EVERY_MS = 500;

/** Tells what a run does until it has ended. */
export class FollowRun {
  constructor(
    private readonly runs: RunStore,
    private readonly wait: (milliseconds: number) => Promise<unknown>,
  ) {}

  /**
   * @param signal ends the watching without an error
   * @throws AppError `RUN_NOT_FOUND`
   */
  async *run(id: number, signal?: AbortSignal): AsyncGenerator<RunEvent, void, undefined> {
    let seen = '';
    let part = 1;
    while (signal?.aborted !== true) {
      const run = await getRun(this.runs, id); // before the log: what an ended run wrote is all there
      for (const chunk of await this.runs.log(id, part)) {
        yield { kind: 'log', chunk };
        part = chunk.part + 1;
      }
      const now = [run.state, run.step, run.attempt].join();
      if (now !== seen) yield { kind: 'run', run };
      seen = now;
      if (!isOpen(run)) return;
      await this.wait(ASK_EVERY_MS);
    }
  }
}
