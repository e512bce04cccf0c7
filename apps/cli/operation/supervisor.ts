import { fork, type ChildProcess } from 'node:child_process';

import { MINUTE, SECOND } from '#libs/kernel/duration.js';

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
 * ready is started again, after pauses that double up to half a minute; one that cannot even start ends them all.
 * Children hold a channel to us and end when we die.
 */
export class Supervisor {
  private readonly children = new Map<Program, ChildProcess>();
  private readonly timers = new Set<NodeJS.Timeout>();
  private stoppingSince: number | undefined;
  private exitCode = 0;
  private finish: (code: number) => void = () => undefined;
  private waiting: readonly Program[];

  constructor(
    programs: readonly Program[],
    private readonly notice: (line: string) => void,
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

  private start(program: Program, crashes: number): void {
    const child = fork(programFile(program), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    const startedAt = performance.now();
    let ready = false;
    this.children.set(program, child);
    child.on('message', (message) => {
      ready ||= message === 'ready';
      if (ready) this.startWaiting(Infinity);
    });
    child.once('exit', (code, signal) => {
      this.children.delete(program);
      if (this.stoppingSince !== undefined) this.finishWhenEmpty();
      else if (!ready && crashes === 0) this.giveUp(code ?? 1);
      else {
        const before = performance.now() - startedAt > STEADY ? 0 : crashes;
        this.startAgain(program, before + 1, signal ?? `status ${String(code)}`);
      }
    });
  }

  private startAgain(program: Program, crashes: number, how: string): void {
    const pause = Math.min(LONGEST_PAUSE, SECOND * 2 ** (crashes - 1));
    this.notice(`${program} ended (${how}); starting it again in ${String(pause / SECOND)} s`);
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      this.start(program, crashes);
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
