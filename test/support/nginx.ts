import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { freePort } from '#libs/kernel/testing/free-port.js';
import { until } from '#libs/kernel/testing/until.js';

const FOLDER = resolve('docker/nginx');

/** nginx with the image's configuration, its template filled in as the image's entry point does it, in a folder of its own. */
export class Nginx {
  private complaints = '';

  private constructor(
    readonly port: number,
    private readonly folder: string,
    private readonly child: ChildProcess,
  ) {
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.complaints += text));
  }

  /** @param settings values for what stands as `${NAME}` in the template */
  static async start(settings: Readonly<Record<string, string>>): Promise<Nginx> {
    const folder = mkdtempSync(join(tmpdir(), 'nginx-'));
    chmodSync(folder, 0o755); // started by root, its workers are somebody else
    const port = await freePort();
    const values: Readonly<Record<string, string>> = {
      NGINX_PORT: `127.0.0.1:${String(port)}`,
      NGINX_LOCAL_RESOLVERS: '127.0.0.1',
      ...settings,
    };
    const template = readFileSync(join(FOLDER, 'templates/parceler.conf.template'), 'utf8');
    const filled = template.replaceAll(/\$\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
    writeFileSync(join(folder, 'parceler.conf'), filled);
    const main = readFileSync(join(FOLDER, 'nginx.conf'), 'utf8').replaceAll('/tmp/', `${folder}/`);
    writeFileSync(join(folder, 'nginx.conf'), main);
    const args = ['-e', 'stderr', '-c', join(folder, 'nginx.conf'), '-g', 'daemon off;'];
    const nginx = new Nginx(port, folder, spawn('nginx', args, { stdio: ['ignore', 'ignore', 'pipe'] }));
    await until(() => nginx.listens());
    return nginx;
  }

  get origin(): string {
    return `http://127.0.0.1:${String(this.port)}`;
  }

  async stop(): Promise<void> {
    this.child.kill('SIGQUIT');
    if (this.child.exitCode === null) await once(this.child, 'exit');
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async listens(): Promise<boolean> {
    if (this.child.exitCode !== null) throw new Error(`nginx ended: ${this.complaints}`);
    return fetch(`${this.origin}/metrics`).then(
      () => true,
      () => false,
    );
  }
}
