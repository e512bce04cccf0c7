import { getRun } from './get-run.js';
import { isOpen, type Run } from './run.js';
import { type LogChunk, type RunStore } from './run-store.js';

export type RunEvent =
  /** State, step or attempt have changed; the last event of all says how the run ended. */
  { readonly kind: 'run'; readonly run: Run } | { readonly kind: 'log'; readonly chunk: LogChunk };

export interface FollowOptions {
  /** The first part of the log that is wanted. */
  readonly from?: number;
  /** Ends the watching without an error. */
  readonly signal?: AbortSignal;
}

const ASK_EVERY_MS = 500;

/** Tells what a run does until it has ended. */
export class FollowRun {
  constructor(
    private readonly runs: RunStore,
    private readonly wait: (milliseconds: number) => Promise<unknown>,
  ) {}

  /** @throws AppError `RUN_NOT_FOUND` */
  async *run(id: number, { from = 1, signal }: FollowOptions = {}): AsyncGenerator<RunEvent, void, undefined> {
    let seen = '';
    let part = from;
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
