import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';

import { hoursLater } from '../support/moved-clock.js';
import { type Parceler } from '../support/parceler.js';

const WORKER = resolve('dist/apps/worker/main.js');

/** A worker of the built program, without a supervisor that would start it again. */
export class WorkerLife {
  readonly ready: Promise<unknown>;
  private readonly child: ChildProcess;
  private readonly ended: Promise<unknown>;
  private output = '';

  /** @param hours how far ahead its clock is: what earlier lives have leased has run out by then */
  constructor(parceler: Parceler, hours: number) {
    this.child = fork(WORKER, {
      cwd: parceler.folder,
      env: { ...parceler.environment, ...hoursLater(hours) },
      execArgv: [],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    }
    this.ended = once(this.child, 'exit');
    this.ready = Promise.race([once(this.child, 'message'), this.ended.then(() => this.failed())]);
    this.ready.catch(() => undefined); // for those that are not waited for
  }

  /** kill -9 of this one process. Its commands have to see for themselves that they end. */
  async kill(): Promise<void> {
    if (this.child.exitCode !== null) this.failed();
    this.child.kill('SIGKILL');
    await this.ended;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill('SIGTERM');
    await this.ended;
  }

  private failed(): void {
    if (this.child.signalCode !== 'SIGKILL') throw new Error(`the worker ended by itself: ${this.output}`);
  }
}
