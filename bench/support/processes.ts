import { fork, spawnSync, type ChildProcess, type ForkOptions } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

const START_MS = 60_000;
const STOP_MS = 10_000;

export interface Program {
  readonly pid: number;
  readonly child: ChildProcess;
  /** The first thing it said, which it does when it is ready. */
  readonly greeting: unknown;
}

/** The programs that a benchmark has running. They hold a channel to us, and end when we do, in whatever way. */
export class Processes {
  private readonly running = new Set<ChildProcess>();

  get pids(): readonly number[] {
    return [process.pid, ...[...this.running].flatMap(({ pid }) => pid ?? [])];
  }

  /** Starts a program and waits for its first message. Its output goes to the file `log`. */
  async start(file: string, options: ForkOptions & { readonly log: string }): Promise<Program> {
    const output = openSync(options.log, 'a');
    const child = fork(file, { ...options, stdio: ['ignore', output, output, 'ipc'] });
    closeSync(output);
    this.running.add(child);
    child.once('exit', () => this.running.delete(child));
    const greeting = await this.firstMessage(child, file, options.log);
    if (child.pid === undefined) throw new Error(`${file} did not start`);
    return { pid: child.pid, child, greeting };
  }

  async stop({ child }: Program): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const kill = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    child.kill('SIGTERM');
    await once(child, 'exit');
    clearTimeout(kill);
  }

  /** For an end in a hurry. */
  killAll(): void {
    for (const child of this.running) child.kill('SIGKILL');
  }

  private async firstMessage(child: ChildProcess, file: string, log: string): Promise<unknown> {
    const settled = new AbortController();
    const { signal } = settled;
    const failed = (why: string): Error => {
      child.kill('SIGKILL');
      return new Error(`${file} ${why}:\n${readFileSync(log, 'utf8').slice(-2_000)}`);
    };
    const late = pause(START_MS, undefined, { signal }).then(() => {
      throw failed('did not get ready');
    });
    const ended = once(child, 'exit', { signal }).then(([code, killer]) => {
      throw failed(`ended with ${String(killer ?? code)}`);
    });
    try {
      const [message] = (await Promise.race([once(child, 'message', { signal }), ended, late])) as [unknown];
      return message;
    } finally {
      settled.abort();
    }
  }
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
}

/** Runs a command to its end. */
export function must(command: string, args: readonly string[], options: RunOptions = {}): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    ...options,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${String(status)}: ${stderr}${stdout}`);
  return stdout;
}

/** How long a command takes, in seconds. */
export function secondsOf(command: string, args: readonly string[], options: RunOptions = {}): number {
  const start = performance.now();
  must(command, args, options);
  return (performance.now() - start) / 1_000;
}

/** Removes a tree, several times faster than Node does. */
export const removeTree = (folder: string): void => void must('rm', ['-rf', folder]);
