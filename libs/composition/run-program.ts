import { AppError, messageOf } from '#libs/kernel/errors.js';
import { SECOND } from '#libs/kernel/duration.js';
import { type Log } from '#libs/observability/log.js';

import { ENDING_SIGNALS } from './ending-signals.js';
import { exitStatusOf } from './exit-status.js';
import { keepBeating, type Heartbeat } from './heartbeat.js';

export interface RunningProgram {
  readonly log: Log;
  /** Ends what is under way, and lets go of everything. */
  stop(): Promise<void>;
  /** Asked every second. When it holds, the program ends badly: what it stands on was replaced, so it has to start anew. */
  readonly isOutdated?: (() => boolean) | undefined;
  /** Without a file nobody looks at it. */
  readonly heartbeat?: (Omit<Heartbeat, 'file'> & { readonly file: string | undefined }) | undefined;
  /** For a program that ends by itself: resolves when it has nothing left to do. */
  readonly done?: Promise<void> | undefined;
}

export interface ProgramTerms {
  /** A program that stops for longer is ended; without it, it takes its time. */
  readonly longestStopMs?: number | undefined;
}

/** What is used of the process; tests have one that goes on. */
export interface Host extends Pick<NodeJS.Process, 'on' | 'once' | 'send' | 'stderr'> {
  exit(status: number): void;
}

/**
 * Lives a program's life: starts it, tells the supervisor that it is ready, and ends it in order when it is asked to, or
 * when the supervisor is gone, since then nobody would start or end it any more.
 *
 * What keeps it from starting is one line on standard error, as commands write theirs, and its kind the exit status.
 */
export async function runProgram(
  start: () => Promise<RunningProgram>,
  { longestStopMs }: ProgramTerms = {},
  host: Host = process,
): Promise<void> {
  const started: { program?: RunningProgram } = {};
  let ending = false;
  const fail = (error: unknown): void => {
    host.stderr.write(`error: ${inOneLine(error)}\n`);
    host.exit(exitStatusOf(error));
  };
  const end = (reason: string): void => {
    if (ending) return; // service managers signal the whole group, and then the supervisor passes the signal on
    ending = true;
    const { program } = started;
    if (program === undefined) {
      host.exit(0); // nothing is under way yet
      return;
    }
    program.log.info('program ends', { reason });
    if (longestStopMs !== undefined) endAfter(longestStopMs, program.log, host);
    program.stop().then(() => host.exit(0), fail);
  };
  for (const signal of ENDING_SIGNALS) host.on(signal, end);
  if (host.send !== undefined) {
    host.once('disconnect', () => {
      end('disconnect');
    });
  }
  try {
    const program = await start();
    started.program = program;
    host.on('uncaughtException', (error) => {
      program.log.error('uncaught error', { error });
      host.exit(1); // what state we are in is not known any more
    });
    watch(program, host);
    beat(program);
    host.send?.('ready');
    await program.done?.then(() => {
      end('done');
    });
  } catch (error) {
    fail(error);
  }
}

function watch({ log, isOutdated }: RunningProgram, host: Host): void {
  if (isOutdated === undefined) return;
  setInterval(() => {
    if (!isOutdated()) return;
    log.error('database was moved or replaced; the program ends, to open the one that is there now');
    host.exit(1);
  }, SECOND).unref();
}

function beat({ heartbeat, log }: RunningProgram): void {
  if (heartbeat?.file !== undefined) void keepBeating({ file: heartbeat.file, isWell: heartbeat.isWell }, log);
}

function endAfter(ms: number, log: Log, host: Host): void {
  setTimeout(() => {
    log.error('program did not end in time');
    host.exit(1);
  }, ms).unref();
}

function inOneLine(error: unknown): string {
  if (!(error instanceof AppError)) return messageOf(error);
  return [error.message, error.hint, `(${error.code})`].filter((part) => part !== undefined).join(' ');
}
