import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { type Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

import { messageOf } from '#libs/kernel/errors.js';

import { OutputCleaner } from '../clean-output.js';
import { redactText } from '#libs/observability/redact-text.js';
import { redactorFor } from '../redactor-for.js';
import { type CommandOutcome, type CommandRequest } from '../run-command.js';
import { IdleWatch } from './idle-watch.js';
import { CONTROL_FD, LOCKED_EXIT_CODE, type LaunchPlan } from './launch-plan.js';
import { endTree, signalGroup } from './process-tree.js';
import { type RunMark } from './run-mark.js';

/** What the pipes still hold after everyone who wrote to them has ended is read in no time. */
const DRAIN_MS = 1_000;

/** What is longer fires at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** A shell tells of a signal that ended its command by an exit code of 128 and the signal's number. */
const SIGNAL_BASE = 128;

type Ending =
  | { readonly kind: 'ended'; readonly code: number | null; readonly signal: NodeJS.Signals | null }
  | { readonly kind: 'error'; readonly cause: unknown };

/** One command, from its start until nothing of it is left. */
export class RunningCommand {
  outputBytes = 0;
  private readonly child: ChildProcess;
  private readonly ending: Promise<Ending>;
  private readonly closed: Promise<void>;
  private readonly idle: IdleWatch;
  private readonly timers: NodeJS.Timeout[] = [];
  private started = false;
  private stoppedFor: CommandOutcome | undefined;
  private lastText = '';

  /** @throws what `spawn` throws for arguments that cannot be passed on */
  constructor(
    private readonly request: CommandRequest,
    plan: LaunchPlan,
    private readonly options: { readonly graceMs: number; readonly mark: RunMark; readonly lockFd: number | undefined },
  ) {
    this.child = spawn(plan.file, [...plan.args], {
      cwd: request.cwd,
      env: { ...request.env },
      detached: true, // a process group of its own
      stdio: [
        'ignore',
        'pipe',
        'pipe',
        'pipe',
        options.mark.fd,
        ...(options.lockFd === undefined ? [] : [options.lockFd]),
      ],
    });
    this.ending = new Promise((resolve) => {
      this.child.once('error', (cause) => resolve({ kind: 'error', cause }));
      this.child.once('exit', (code, signal) => resolve({ kind: 'ended', code, signal }));
    });
    this.closed = new Promise((resolve) => {
      this.child.once('close', () => resolve());
    });
    this.idle = new IdleWatch(Math.min(request.idleTimeoutMs, LONGEST_TIMER_MS), request.watchFolder, () =>
      this.stop({ kind: 'timed-out', after: 'idle' }),
    );
    this.listen();
  }

  get group(): number | undefined {
    return this.child.pid;
  }

  /** Resolves when the command and everything it has started is gone. */
  async outcome(): Promise<CommandOutcome> {
    const ending = await this.ending;
    this.unwatch();
    if (this.group !== undefined) {
      await endTree(this.group, this.options.mark.link);
      await this.drain();
    }
    return this.judge(ending);
  }

  /** A process that we could not find may keep a pipe open: it is not waited for (trust T-64). */
  private async drain(): Promise<void> {
    const enough = new AbortController();
    await Promise.race([this.closed, delay(DRAIN_MS, undefined, { signal: enough.signal })]);
    enough.abort();
    for (const stream of this.child.stdio) stream?.destroy();
  }

  private listen(): void {
    const { signal, timeoutMs, env } = this.request;
    const hide = redactorFor(env);
    for (const stream of [this.child.stdout, this.child.stderr]) {
      if (stream !== null) this.listenTo(stream, new OutputCleaner(hide));
    }
    const control = this.child.stdio[CONTROL_FD];
    control?.once('data', () => {
      this.started = true;
    });
    control?.on('error', () => undefined); // its end is all we want of it
    this.timers.push(
      setTimeout(() => this.stop({ kind: 'timed-out', after: 'total' }), Math.min(timeoutMs, LONGEST_TIMER_MS)),
    );
    if (signal.aborted) this.onAbort();
    else signal.addEventListener('abort', this.onAbort, { once: true });
  }

  /** The receiver is called as chunks come, so that a slow one holds the command back by its full pipe, not our memory. */
  private listenTo(stream: Readable, cleaner: OutputCleaner): void {
    stream.on('data', (chunk: Buffer) => {
      this.outputBytes += chunk.length;
      this.idle.sawOutput();
      this.pass(cleaner.push(chunk));
    });
    stream.once('close', () => this.pass(cleaner.end()));
    stream.on('error', () => undefined); // 'close' follows
  }

  private pass(text: string): void {
    if (text === '') return;
    if (!this.started) this.lastText = text;
    this.request.onOutput(text);
  }

  private readonly onAbort = (): void => this.stop({ kind: 'aborted' });

  /** Asks the whole group to end, and after a while does not ask. */
  stop(outcome: CommandOutcome): void {
    const { group } = this;
    if (this.stoppedFor !== undefined || group === undefined) return;
    this.stoppedFor = outcome;
    signalGroup(group, 'SIGTERM');
    this.timers.push(setTimeout(() => signalGroup(group, 'SIGKILL'), this.options.graceMs));
  }

  private unwatch(): void {
    this.idle.stop();
    for (const timer of this.timers) clearTimeout(timer);
    this.request.signal.removeEventListener('abort', this.onAbort);
  }

  private judge(ending: Ending): CommandOutcome {
    if (ending.kind === 'error') return notStarted(ending.cause);
    if (this.stoppedFor !== undefined) return this.stoppedFor;
    const { code, signal } = ending;
    if (signal !== null) return { kind: 'killed', signal };
    if (!this.started) {
      return code === LOCKED_EXIT_CODE ? { kind: 'locked' } : notStarted(this.lastText);
    }
    const name = signalName((code ?? 0) - SIGNAL_BASE);
    return name === undefined ? { kind: 'exited', code: code ?? 0 } : { kind: 'killed', signal: name };
  }
}

/** Without the `spawnargs` that Node adds: they hold the command, which may hold secrets (trust T-71). */
export const notStarted = (cause: unknown): CommandOutcome => ({
  kind: 'not-started',
  cause: new Error(redactText(messageOf(cause))),
});

const signalName = (number: number): string | undefined =>
  Object.entries(constants.signals).find(([, value]) => value === number)?.[0];
