import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { Client } from 'pg';

import { freePort } from '#libs/kernel/testing/free-port.js';

const DEBIAN = '/usr/lib/postgresql';

/** As root the server refuses to run; to this user nothing belongs. */
const NOBODY = 65_534;

/** May do everything, and connects without a password. */
const ADMIN = 'admin';

/** As an operator would make it: owns its database, and no more. */
export const OWNER = 'parceler';

/** Is asked for a password, which is `right`. */
const GUARDED = 'guarded';
const HOSTS = `host all ${GUARDED} 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 trust\n`;

/** Nobody misses what these tests leave, so nothing has to be written twice or flushed. */
const FAST = ['fsync=off', 'full_page_writes=off', 'jit=off'];
const PLACE = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'shared_buffers=32MB', 'max_connections=60'];

interface Tls {
  readonly key: string;
  readonly cert: string;
}

/** A real PostgreSQL on a port of its own, which goes with the test. */
export class PostgresServer {
  readonly folder = mkdtempSync(join(tmpdir(), 'parceler-postgres-'));
  private readonly settings: readonly string[];
  private server: ChildProcess | undefined;
  private databases = 0;

  private constructor(
    readonly port: number,
    settings: readonly string[],
  ) {
    this.settings = [...FAST, ...PLACE, ...settings];
  }

  /**
   * @param settings of the server beyond those that make it fast, as `name=value`
   * @param tls for a server that can encrypt
   */
  static async start(settings: readonly string[] = [], tls?: Tls): Promise<PostgresServer> {
    const server = new PostgresServer(await freePort(), tls ? ['ssl=on', ...settings] : settings);
    server.makeCluster();
    if (tls) server.keep({ 'server.crt': tls.cert, 'server.key': tls.key });
    await server.start();
    await server.query(`create role ${OWNER} login; create role ${GUARDED} login password 'right'`);
    return server;
  }

  url(database: string, user = OWNER): string {
    return `postgres://${user}@127.0.0.1:${String(this.port)}/${database}`;
  }

  /** The name of a fresh database of the owner's. */
  async create(template = 'template0', more = ''): Promise<string> {
    this.databases += 1;
    const name = `test_${String(this.databases)}`;
    await this.query(`create database ${name} owner ${OWNER} template ${template} ${more}`);
    return name;
  }

  /** As the administrator, who may do everything. */
  async query<Row>(sql: string, database = 'postgres'): Promise<readonly Row[]> {
    const client = new Client({ connectionString: this.url(database, ADMIN) });
    await client.connect();
    try {
      return (await client.query(sql)).rows as readonly Row[];
    } finally {
      await client.end();
    }
  }

  async start(): Promise<void> {
    const data = join(this.folder, 'data');
    const settings = this.settings.flatMap((setting) => ['-c', setting]);
    const [command, args] = asNobody([program('postgres'), '-D', data, '-p', String(this.port), ...settings]);
    const server = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'], cwd: this.folder });
    this.server = server;
    const said: string[] = [];
    const lines = createInterface(server.stderr);
    await new Promise<void>((ready, failed) => {
      lines.on('line', (line) => {
        said.push(line);
        if (line.includes('ready to accept connections')) ready();
      });
      server.once('close', () => failed(new Error(`PostgreSQL ended: ${said.join('\n')}`)));
    });
  }

  /** Ends all connections; `immediate` is what a crash is. */
  async stop(mode: 'fast' | 'immediate' = 'fast'): Promise<void> {
    if (this.server?.exitCode !== null) return;
    this.server.kill(mode === 'fast' ? 'SIGINT' : 'SIGQUIT');
    await once(this.server, 'close');
  }

  async remove(): Promise<void> {
    await this.stop('immediate');
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Files where the server looks for them. */
  private keep(files: Readonly<Record<string, string>>): void {
    for (const [name, content] of Object.entries(files)) {
      const file = join(this.folder, 'data', name);
      writeFileSync(file, content, { mode: 0o600 });
      if (process.getuid?.() === 0) chownSync(file, NOBODY, NOBODY);
    }
  }

  private makeCluster(): void {
    const data = join(this.folder, 'data');
    chmodSync(this.folder, 0o755); // the server may have to go through it as somebody else
    if (process.getuid?.() === 0) chownSync(this.folder, NOBODY, NOBODY);
    const options = ['--username', ADMIN, '--auth', 'trust', '--encoding', 'UTF8', '--locale', 'C.UTF-8', '--no-sync'];
    const [command, args] = asNobody([program('initdb'), '-D', data, ...options]);
    execFileSync(command, args, { stdio: 'pipe', cwd: this.folder });
    writeFileSync(join(data, 'pg_hba.conf'), HOSTS);
  }
}

/** Goes with this process, however that ends. */
function asNobody(command: readonly string[]): readonly [string, string[]] {
  const nobody = [`--reuid=${String(NOBODY)}`, `--regid=${String(NOBODY)}`, '--clear-groups'];
  return ['setpriv', ['--pdeathsig', 'KILL', ...(process.getuid?.() === 0 ? nobody : []), '--', ...command]];
}

/** The newest that is installed. */
function program(name: string): string {
  const version = readdirSync(DEBIAN)
    .toSorted((one, other) => Number(one) - Number(other))
    .at(-1);
  if (version === undefined) throw new Error(`no PostgreSQL is installed in ${DEBIAN}`);
  return join(DEBIAN, version, 'bin', name);
}
