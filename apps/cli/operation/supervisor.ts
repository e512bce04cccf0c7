import { fork, type ChildProcess } from 'node:child_process';

import { MINUTE, SECOND } from '#libs/kernel/duration.js';
import { messageOf } from '#libs/kernel/errors.js';

import { programFile, type Program } from './program-files.js';

const LONGEST_PAUSE = 30 * SECOND;
/** What asks to stop within so long is one request. */
const SAME_REQUEST = 3 * SECOND;
/** Longer than any program takes to end well: 30 s for downloads, 20 s for syncs. */
const PATIENCE = 40 * SECOND;
/** A program that ran so long did not crash because of how it was started. */
const STEADY = MINUTE;

/**
 * Runs programs as child processes: the first one alone, and the others once it is ready. One that crashes after it was
 * ready is started again, after pauses that double up to half a minute, and so is one for which the system had no process
 * left; one that cannot get ready ends them all.
 * Children hold a channel to us and end when we die.
 */
export class Supervisor {
  private readonly children = new Map<Program, ChildProcess>();
  private readonly timers = new Set<NodeJS.Timeout>();
  /** Those that were ready once. */
  private readonly provenPrograms = new Set<Program>();
  private stoppingSince: number | undefined;
  private exitCode = 0;
  private finish: (code: number) => void = () => undefined;
  private waiting: readonly Program[];

  constructor(
    programs: readonly Program[],
    private readonly notice: (line: string) => void,
    private readonly launch: (program: Program) => ChildProcess = forked,
  ) {
    this.waiting = programs;
  }

  /** Resolves with the exit status when everything has ended. */
  run(): Promise<number> {
    return new Promise((resolve) => {
      this.finish = resolve;
      this.startWaiting(1);
    });
  }

  /** Asks all children to end what they do; asked again after some seconds it ends them at once. */
  stop(): void {
    const now = performance.now();
    this.stoppingSince ??= now;
    const asked = now - this.stoppingSince;
    // One Ctrl-C can come twice: from the terminal to the whole group, and passed on by whoever started us.
    if (asked > 0 && asked < SAME_REQUEST) return;
    const signal = asked === 0 ? 'SIGTERM' : 'SIGKILL';
    this.waiting = [];
    for (const timer of this.timers) clearTimeout(timer);
    for (const child of this.children.values()) child.kill(signal);
    setTimeout(() => {
      this.stop();
    }, PATIENCE).unref();
    this.finishWhenEmpty();
  }

  private startWaiting(atMost: number): void {
    const programs = this.waiting.slice(0, atMost);
    this.waiting = this.waiting.slice(atMost);
    for (const program of programs) this.start(program, 0);
  }

  private start(program: Program, failures: number): void {
    try {
      this.watch(program, this.launch(program), failures);
    } catch (error) {
      this.startAgain(program, failures + 1, notStarted(error));
    }
  }

  private watch(program: Program, child: ChildProcess, failures: number): void {
    const startedAt = performance.now();
    this.children.set(program, child);
    child.on('message', (message) => {
      if (message !== 'ready') return;
      this.provenPrograms.add(program);
      this.startWaiting(Infinity);
    });
    child.on('error', (error) => {
      if (child.pid !== undefined) return; // what did not reach it; how it ends is told by its end
      this.children.delete(program);
      if (this.stoppingSince !== undefined) this.finishWhenEmpty();
      else this.startAgain(program, failures + 1, notStarted(error));
    });
    child.once('exit', (code, signal) => {
      this.children.delete(program);
      if (this.stoppingSince !== undefined) this.finishWhenEmpty();
      else if (!this.provenPrograms.has(program)) this.giveUp(code ?? 1);
      else {
        const before = performance.now() - startedAt > STEADY ? 0 : failures;
        this.startAgain(program, before + 1, `ended (${signal ?? `status ${String(code)}`})`);
      }
    });
  }

  private startAgain(program: Program, failures: number, what: string): void {
    const pause = Math.min(LONGEST_PAUSE, SECOND * 2 ** (failures - 1));
    this.notice(`${program} ${what}; starting it again in ${String(pause / SECOND)} s`);
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      this.start(program, failures);
    }, pause);
    this.timers.add(timer);
  }

  private giveUp(code: number): void {
    this.exitCode = code;
    this.stop();
  }

  private finishWhenEmpty(): void {
    if (this.children.size === 0) this.finish(this.exitCode);
  }
}

/** The system has no memory or no process left; that passes. */
const notStarted = (error: unknown): string => `could not be started (${messageOf(error)})`;

const forked = (program: Program): ChildProcess =>
  fork(programFile(program), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
