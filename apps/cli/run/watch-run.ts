import { counted } from '#libs/kernel/counted.js';
import { SECOND } from '#libs/kernel/duration.js';
import { type FollowRun } from '#libs/syncing/runs/follow-run.js';
import { type Run } from '#libs/syncing/runs/run.js';

import { EXIT_FAILED_OUTCOME } from '../exit-codes.js';
import { warnOfMaintenance } from '../maintenance/warn-of-maintenance.js';
import { type CommandContext } from '../parceler-command.js';

export interface WatchOptions {
  /** Print what the sync command prints. */
  readonly log: boolean;
  /** Print each step as it begins. */
  readonly steps: boolean;
  /** Ends the watching; the run goes on. */
  readonly signal: AbortSignal;
}

/** A worker that has nothing else to do takes a run within a second. */
const UNUSUAL_WAIT = 5 * SECOND;

/** Shows a run until it has ended; one that did not end well becomes the command's exit status. */
export async function watchRun(
  follow: FollowRun,
  id: number,
  options: WatchOptions,
  context: CommandContext,
): Promise<void> {
  const { signal } = options;
  let impatience: NodeJS.Timeout | undefined;
  for await (const event of follow.run(id, signal)) {
    if (event.kind === 'log') {
      if (options.log) context.terminal.write(event.chunk.text);
    } else {
      report(event.run, options, context);
      clearTimeout(impatience);
      if (!waits(event.run) || (await warnOfMaintenance(context))) continue;
      impatience = setTimeout(() => hintAtWorkers(id, context), UNUSUAL_WAIT).unref();
    }
  }
  if (!signal.aborted) return;
  context.terminal.warn(`run ${String(id)} goes on: parceler run:log ${String(id)} --follow`);
  signal.throwIfAborted();
}

function report(run: Run, { steps }: WatchOptions, context: CommandContext): void {
  if (run.state === 'failed' || run.state === 'cancelled') {
    context.exitCode = EXIT_FAILED_OUTCOME;
    const id = String(run.id);
    const why = `${run.error ?? ''} run:log ${id} tells more. (${run.errorCode ?? ''})`;
    context.terminal.warn(`${run.repository}: run ${id} ${run.state}: ${why}`);
  } else if (steps) {
    context.terminal.say(`${run.repository}: ${run.state === 'succeeded' ? successOf(run) : stepOf(run)}`);
  }
}

const waits = ({ state }: Run): boolean => state === 'queued' || state === 'interrupted';

function hintAtWorkers(id: number, { terminal }: CommandContext): void {
  terminal.warn(
    `run ${String(id)} still waits for a worker; if none runs, parceler serve or parceler queue:work does it`,
  );
}

const stepOf = ({ state, step }: Run): string =>
  state === 'running' ? (step ?? 'running') : `${state}, waiting for a worker`;

function successOf({ snapshot, changes }: Run): string {
  if (snapshot === undefined) return 'done';
  const { added = 0, changed = 0, removed = 0 } = changes ?? {};
  return `snapshot ${snapshot}: ${counted(added, 'file')} added, ${String(changed)} changed, ${String(removed)} removed`;
}
