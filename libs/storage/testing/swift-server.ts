import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, openSync, closeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';

import { until } from '#libs/kernel/testing/until.js';

import { freePorts } from './free-ports.js';
import { SWIFT_ACCOUNT, writeSwiftSettings, type SwiftPorts } from './swift-settings.js';

/** What one needs to use the server, as an operator would configure it. */
export interface S3Account {
  readonly endpoint: URL;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Seconds on a machine that is busy with other tests; three on another. */
const PATIENCE_SECONDS = 100;

/** Debian's Python: another one may come first in PATH. */
const PYTHON = '/usr/bin/python3';

/**
 * An S3 server that checks signatures: OpenStack's Swift with its S3 API, on free ports, in a temporary folder. Several may
 * run at once. Whatever becomes of the test's process, its programs end with it.
 */
export class SwiftServer {
  private readonly programs: ChildProcess[] = [];
  private buckets = 0;

  private constructor(
    private readonly folder: string,
    readonly account: S3Account,
    readonly client: S3Client,
  ) {}

  static async start(): Promise<SwiftServer> {
    const folder = mkdtempSync(join(tmpdir(), 'swift-'));
    const [account = 0, container = 0, object = 0, proxy = 0, memcached = 0] = await freePorts(5);
    const ports = { account, container, object, proxy, memcached };
    const s3 = { ...SWIFT_ACCOUNT, endpoint: new URL(`http://127.0.0.1:${String(proxy)}`) };
    const { endpoint, region, accessKeyId, secretAccessKey } = s3;
    const client = new S3Client({
      ...{ endpoint: endpoint.href, region, credentials: { accessKeyId, secretAccessKey }, forcePathStyle: true },
      ...{ requestChecksumCalculation: 'WHEN_REQUIRED', responseChecksumValidation: 'WHEN_REQUIRED' },
    });
    const server = new SwiftServer(folder, s3, client);
    try {
      await server.run(ports);
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  /** A new and empty bucket. */
  async newBucket(): Promise<string> {
    this.buckets += 1;
    const bucket = `bucket-${String(this.buckets)}`;
    await this.client.send(new CreateBucketCommand({ Bucket: bucket }));
    return bucket;
  }

  async stop(): Promise<void> {
    this.client.destroy();
    for (const program of this.programs) program.kill('SIGKILL');
    for (const program of this.programs) {
      if (program.exitCode === null && program.signalCode === null) await once(program, 'exit');
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async run(ports: SwiftPorts): Promise<void> {
    mkdirSync(join(this.folder, 'devices/d1'), { recursive: true });
    writeSwiftSettings(this.folder, ports);
    const rings = Object.entries(ports).map(([name, port]) => `${name}:${String(port)}`);
    execFileSync(PYTHON, [join(__dirname, 'swift-rings.py'), this.folder, ...rings.filter((ring) => RINGS.test(ring))]);
    this.begin('memcached', ['-u', 'nobody', '-l', '127.0.0.1', '-p', String(ports.memcached), '-m', '16']);
    for (const name of ['account', 'container', 'object', 'proxy']) {
      this.begin(PYTHON, [`/usr/bin/swift-${name}-server`, join(this.folder, `${name}.conf`)]);
    }
    await until(() => this.answers(), PATIENCE_SECONDS).catch(() => this.failed());
  }

  private begin(program: string, args: readonly string[]): void {
    const output = openSync(join(this.folder, 'output'), 'a');
    const options = ['--pdeathsig', 'KILL', '--', program, ...args];
    this.programs.push(spawn('setpriv', options, { stdio: ['ignore', output, output] }));
    closeSync(output);
  }

  private failed(): never {
    throw new Error(`Swift does not start: ${readFileSync(join(this.folder, 'output'), 'utf8')}`);
  }

  /** All parts of it are up when an object can be written. */
  private async answers(): Promise<boolean> {
    if (this.programs.some(({ exitCode }) => exitCode !== null)) this.failed();
    try {
      await fetch(this.account.endpoint); // costs less than the client's several tries
      const bucket = await this.newBucket();
      await this.client.send(new PutObjectCommand({ Bucket: bucket, Key: 'x', Body: 'x' }));
      return true;
    } catch {
      return false; // not yet
    }
  }
}

const RINGS = /^(?:account|container|object):/;

