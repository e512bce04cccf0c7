import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';

import { must, secondsOf, type Processes, type Program } from './processes.js';
import { benchProgram, ROOT } from './root.js';

const CLI = join(ROOT, 'bin/parceler');

/** A Parceler of its own in a folder, made of the built programs. */
export class Installation {
  readonly environment: NodeJS.ProcessEnv;
  readonly log: string;

  constructor(
    readonly folder: string,
    private readonly processes: Processes,
    private readonly port: number,
  ) {
    mkdirSync(folder, { recursive: true });
    this.log = join(folder, 'programs.log');
    const { PATH = '', HOME = '' } = process.env;
    this.environment = {
      PATH,
      HOME,
      STORAGE_PATH: join(folder, 'storage'),
      HOST: '127.0.0.1',
      PORT: String(port),
      LOG_LEVEL: 'info',
    };
  }

  /** Where a repository's sync command would have saved its files. */
  source(repository: string): string {
    return join(this.folder, 'storage/disk/source', repository);
  }

  /** Runs a command of the CLI to its end. */
  run(args: readonly string[], input = ''): string {
    return must(process.execPath, [CLI, ...args], { cwd: this.folder, env: this.environment, input });
  }

  /** How long a command of the CLI takes, from the start of its process to the end of it. */
  secondsOf(args: readonly string[]): number {
    return secondsOf(process.execPath, [CLI, ...args], { cwd: this.folder, env: this.environment });
  }

  /** Registers a system of the community edition, and answers with its login. */
  addSystem(): string {
    const [id, secret] = ['bench', 'a secret of the benchmark'];
    this.run(['system:add', id, '--edition', 'community', '--secret-stdin'], secret);
    return `${id}:${secret}`;
  }

  async startApi(): Promise<Program & { readonly port: number }> {
    const file = join(ROOT, 'dist/apps/api/main.js');
    const program = await this.processes.start(file, { cwd: this.folder, env: this.environment, log: this.log });
    return { ...program, port: this.port };
  }

  startWorkshop(): Promise<Program> {
    const file = benchProgram('programs/workshop');
    return this.processes.start(file, { cwd: this.folder, env: this.environment, log: this.log });
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return address.port;
}
