import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { freePort } from '#libs/kernel/testing/free-port.js';

export interface RedisServerOptions {
  /** To start one again where another one was; a free one without. */
  readonly port?: number;
  readonly password?: string;
  readonly maxmemoryPolicy?: string;
  /** The address of another server that this one is a read-only copy of. */
  readonly replicaOf?: URL;
}

/** A real Redis on a port of its own, which keeps nothing. */
export class RedisServer {
  private readonly exited: Promise<unknown>;

  private constructor(
    private readonly child: ChildProcess,
    folder: string,
    readonly port: number,
    private readonly password: string | undefined,
  ) {
    this.exited = once(child, 'exit').finally(() => {
      rmSync(folder, { recursive: true, force: true });
    });
  }

  static async start(options: RedisServerOptions = {}): Promise<RedisServer> {
    const folder = mkdtempSync(join(tmpdir(), 'redis-'));
    const port = options.port ?? (await freePort());
    const child = spawn('redis-server', argumentsFor(folder, port, options), { stdio: ['ignore', 'pipe', 'inherit'] });
    process.once('exit', () => child.kill('SIGKILL'));
    const server = new RedisServer(child, folder, port, options.password);
    const lines = createInterface({ input: child.stdout });
    for await (const line of lines) if (line.includes('Ready to accept connections')) return server;
    throw new Error('redis-server did not start');
  }

  get url(): URL {
    const credentials = this.password === undefined ? '' : `:${this.password}@`;
    return new URL(`redis://${credentials}127.0.0.1:${String(this.port)}/0`);
  }

  /** SIGSTOP makes it as slow as can be, SIGCONT goes on. */
  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  async stop(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exited;
  }
}

function argumentsFor(folder: string, port: number, options: RedisServerOptions): readonly string[] {
  const settings: Readonly<Record<string, string | undefined>> = {
    bind: '127.0.0.1',
    port: String(port),
    dir: folder,
    save: '',
    appendonly: 'no',
    requirepass: options.password,
    'maxmemory-policy': options.maxmemoryPolicy ?? 'noeviction',
    replicaof: options.replicaOf && `${options.replicaOf.hostname} ${options.replicaOf.port}`,
  };
  return Object.entries(settings).flatMap(([name, value]) => {
    if (value === undefined) return [];
    return [`--${name}`, ...(name === 'replicaof' ? value.split(' ') : [value])];
  });
}
