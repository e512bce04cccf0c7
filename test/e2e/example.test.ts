import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { freePort } from '#libs/kernel/testing/free-port.js';

jest.setTimeout(120_000); // real processes, one after the other

const UPSTREAM = resolve('examples/upstream');
const sha256 = (file: string) =>
  createHash('sha256')
    .update(readFileSync(join(UPSTREAM, file)))
    .digest('hex');
const read = (file: string) => readFileSync(join(UPSTREAM, file), 'utf8');

describe("the README's first command", () => {
  const folder = mkdtempSync(join(tmpdir(), 'example-'));
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  function start(port: number, storage = 'storage') {
    const { PATH = '', HOME = '' } = process.env;
    const env = { PATH, HOME, STORAGE_PATH: join(folder, storage), PORT: String(port) };
    return spawnSync(process.execPath, ['examples/start.mjs', '--check'], { env, encoding: 'utf8' });
  }

  it('mirrors the example upstream, serves it to an appliance, and leaves nothing running; and again', async () => {
    for (const time of ['first', 'second']) {
      const { status, stdout, stderr } = start(await freePort());
      expect({ time, status, stderr }).toEqual({ time, status: 0, stderr: '' });
      expect(stdout).toContain(
        'downloaded opkg/parceler-hello_1.0.0_all.ipk as example-appliance: 625 bytes, as upstream has them',
      );
    }
  });

  it('does not take what listens on its port already for its own', async () => {
    const port = await freePort();
    const other = createServer().listen(port, '127.0.0.1');
    await once(other, 'listening');
    const { status, stdout, stderr } = start(port, 'untouched');
    other.close();
    expect({ status, stdout }).toEqual({ status: 6, stdout: '' });
    expect(stderr).toContain(`127.0.0.1:${String(port)}: another program listens there already.`);
    expect(existsSync(join(folder, 'untouched/parceler.sqlite'))).toBe(false);
  });
});

describe('the example upstream', () => {
  it('has an opkg index that names each package with its size and hash', () => {
    const paragraphs = read('opkg/Packages').trim().split('\n\n');
    expect(paragraphs).toHaveLength(2);
    for (const paragraph of paragraphs) {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(paragraph)?.[1] ?? '';
      expect(sha256(`opkg/${field('Filename')}`)).toBe(field('SHA256sum'));
    }
  });

  it('has an apt archive whose Release names its indexes, and they the packages', () => {
    const sums = [...read('apt/dists/stable/Release').matchAll(/^ ([0-9a-f]{64}) \d+ (\S+)$/gm)];
    expect(sums).toHaveLength(4);
    for (const [, sum, path = ''] of sums) expect(sha256(`apt/dists/stable/${path}`)).toBe(sum);
    const index = read('apt/dists/stable/main/binary-amd64/Packages');
    const [, file = ''] = /^Filename: (.*)$/m.exec(index) ?? [];
    expect(index).toContain(`SHA256: ${sha256(`apt/${file}`)}`);
  });
});
