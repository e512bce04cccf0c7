import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { freePort } from '#libs/kernel/testing/free-port.js';
import { until } from '#libs/kernel/testing/until.js';

const BIN = resolve('bin/parceler');

export interface CommandResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A Parceler of its own in a temporary folder, run as the built programs, the way an operator runs it. */
export class Parceler {
  readonly folder = mkdtempSync(join(tmpdir(), 'parceler-'));
  readonly storage = join(this.folder, 'storage');
  private readonly services = new Set<ChildProcess>();
  private serviceOutput = '';

  private constructor(
    readonly port: number,
    private readonly extra: Readonly<Record<string, string>>,
  ) {}

  static async create(extra: Readonly<Record<string, string>> = {}): Promise<Parceler> {
    return new Parceler(await freePort(), extra);
  }

  get origin(): string {
    return `http://127.0.0.1:${String(this.port)}`;
  }

  get environment(): NodeJS.ProcessEnv {
    const { PATH = '', HOME = '' } = process.env;
    return {
      PATH,
      HOME,
      STORAGE_PATH: this.storage,
      HOST: '127.0.0.1',
      PORT: String(this.port),
      LOG_LEVEL: 'warn',
      ...this.extra,
    };
  }

  /** Runs a command to its end. */
  run(
    args: readonly string[],
    options: { readonly input?: string; readonly env?: Readonly<Record<string, string>> } = {},
  ): CommandResult {
    const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, ...args], {
      cwd: this.folder,
      env: { ...this.environment, ...options.env },
      encoding: 'utf8',
      input: options.input ?? '',
      maxBuffer: 64 * 1024 * 1024,
    });
    return { status, stdout, stderr };
  }

  /** As `run`, for commands that have to succeed. */
  must(...args: readonly string[]): string {
    const { status, stdout, stderr } = this.run(args);
    if (status !== 0) throw new Error(`parceler ${args.join(' ')} ended with ${String(status)}: ${stderr}${stdout}`);
    return stdout;
  }

  json<T>(...args: readonly string[]): T {
    return JSON.parse(this.must(...args, '--json')) as T;
  }

  /** Starts `parceler serve`, or a part of it, and waits until it answers. */
  async serve(
    options: { readonly only?: string; readonly env?: Readonly<Record<string, string>> } = {},
  ): Promise<ChildProcess> {
    const child = spawn(process.execPath, [BIN, 'serve', ...(options.only ? ['--only', options.only] : [])], {
      cwd: this.folder,
      env: { ...this.environment, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.services.add(child);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (this.serviceOutput += text));
    }
    if (options.only === undefined || options.only.includes('api')) await this.untilReady(child);
    return child;
  }

  get output(): string {
    return this.serviceOutput;
  }

  async stop(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill(signal);
      await once(child, 'exit');
    }
    this.services.delete(child);
    return child.exitCode;
  }

  async stopAll(): Promise<void> {
    await Promise.all([...this.services].map((child) => this.stop(child)));
  }

  /** Ends what was started and removes everything. */
  async dispose(): Promise<void> {
    await this.stopAll();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async untilReady(child: ChildProcess): Promise<void> {
    const isReady = async (): Promise<boolean> => {
      if (child.exitCode !== null) throw new Error(`serve ended with ${String(child.exitCode)}`);
      const answer = await fetch(`${this.origin}/health/ready`).catch(() => undefined);
      return answer?.ok === true;
    };
    await until(isReady).catch((cause: unknown) => {
      throw new Error(`serve did not get ready: ${this.serviceOutput}`, { cause });
    });
  }
}
