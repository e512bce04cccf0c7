import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export interface WorkerCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

interface Told {
  readonly event: string;
  readonly detail: unknown;
}

/** A worker in a process of its own, which the test may stop, continue and kill. */
export class WorkerProcess {
  private readonly told: Told[] = [];
  private readonly listeners = new Set<() => void>();
  private readonly exited: Promise<unknown>;

  private constructor(private readonly child: ChildProcess) {
    this.exited = once(child, 'exit').finally(() => this.notify());
    if (child.stdout !== null) {
      createInterface({ input: child.stdout }).on('line', (line) => {
        this.told.push(JSON.parse(line) as Told);
        this.notify();
      });
    }
  }

  static start({ file, args, env }: WorkerCommand): WorkerProcess {
    return new WorkerProcess(spawn(process.execPath, [file, ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] }));
  }

  /** The detail of the first such event (or of the one with that detail); rejects when the process ends without it. */
  async event(name: string, wanted?: unknown): Promise<unknown> {
    for (;;) {
      const found = this.told.find(
        ({ event, detail }) => event === name && (wanted === undefined || detail === wanted),
      );
      if (found !== undefined) return found.detail;
      if (this.child.exitCode !== null || this.child.signalCode !== null)
        throw new Error(`worker ended before ${name}`);
      await new Promise<void>((resolve) => {
        this.listeners.add(resolve);
      });
    }
  }

  /** The details of all such events until now. */
  events(name: string): readonly unknown[] {
    return this.told.filter(({ event }) => event === name).map(({ detail }) => detail);
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Sends the signal, unless it ended already, and waits for the end. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    this.signal(signal);
    await this.exited;
  }

  async ended(): Promise<void> {
    await this.exited;
  }

  private notify(): void {
    for (const listener of this.listeners) listener();
    this.listeners.clear();
  }
}
