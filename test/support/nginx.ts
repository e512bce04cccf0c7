import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { freePort } from '#libs/kernel/testing/free-port.js';
import { until } from '#libs/kernel/testing/until.js';

const FOLDER = resolve('docker/nginx');

/** What the image sets, but that addresses are not looked up by Debian's nginx, which is too old for that. */
const USUAL = {
  API_ADDRESS_OPTIONS: '',
  NGINX_LOCAL_RESOLVERS: '127.0.0.1',
  NGINX_TRUSTED_PROXY: '192.0.2.1',
  PARCELER_BLOBS: '/nowhere',
};
/** Workers are to read what the tests' user has made. */
const DIRECTIVES = process.getuid?.() === 0 ? 'daemon off; user root;' : 'daemon off;';

/** nginx with the image's configuration, its template filled in as the image's entry point does it, in a folder of its own. */
export class Nginx {
  private constructor(
    readonly port: number,
    private readonly folder: string,
    private readonly child: ChildProcess,
  ) {}

  /** @param settings values for what stands as `${NAME}` in the template */
  static async start(settings: Readonly<Record<string, string>>): Promise<Nginx> {
    const folder = mkdtempSync(join(tmpdir(), 'nginx-'));
    const port = await freePort();
    const values: Readonly<Record<string, string>> = {
      ...USUAL,
      NGINX_PORT: `127.0.0.1:${String(port)}`,
      ...settings,
    };
    const template = readFileSync(join(FOLDER, 'templates/parceler.conf.template'), 'utf8');
    const filled = template.replaceAll(/\$\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
    writeFileSync(join(folder, 'parceler.conf'), filled);
    const main = readFileSync(join(FOLDER, 'nginx.conf'), 'utf8').replaceAll('/tmp/', `${folder}/`);
    writeFileSync(join(folder, 'nginx.conf'), main);
    const args = ['-e', 'stderr', '-c', join(folder, 'nginx.conf'), '-g', DIRECTIVES];
    const output = openSync(join(folder, 'output'), 'a'); // a file, since nginx opens it once more by its name
    const nginx = new Nginx(port, folder, spawn('nginx', args, { stdio: ['ignore', output, output] }));
    process.once('exit', () => nginx.child.kill('SIGKILL'));
    await until(() => nginx.listens());
    return nginx;
  }

  /** What it has written to its standard output and error. */
  get output(): string {
    return readFileSync(join(this.folder, 'output'), 'utf8');
  }

  async stop(): Promise<void> {
    this.child.kill('SIGQUIT');
    if (this.child.exitCode === null) await once(this.child, 'exit');
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async listens(): Promise<boolean> {
    if (this.child.exitCode !== null) throw new Error(`nginx ended: ${this.output}`);
    return fetch(`http://127.0.0.1:${String(this.port)}/metrics`).then(
      () => true,
      () => false,
    );
  }
}
