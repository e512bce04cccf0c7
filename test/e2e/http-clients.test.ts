import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { Parceler } from '../support/parceler.js';
import { PlainUpstream } from '../support/plain-upstream.js';

jest.setTimeout(120_000); // real processes, one after the other

const LOGIN = 'box:open sesame';

describe('clients at a running Parceler', () => {
  const upstream = new PlainUpstream();
  const old = randomBytes(3_000_000);
  let parceler: Parceler;
  let url: string;

  beforeAll(async () => {
    parceler = await Parceler.create();
    upstream.write('big.bin', old);
    upstream.write('stays.bin', old);
    await parceler.serve();
    parceler.must('repository:create', '--name', 'feed', '--command', upstream.command, '--delay', '0', '--no-sync');
    parceler.must('repository:sync', 'feed', '--wait');
    parceler.run(['system:add', 'box', '--edition', 'community', '--secret-stdin'], { input: 'open sesame' });
    url = `${parceler.origin}/repository/community/feed`;
  });
  afterAll(async () => {
    await parceler.dispose();
    upstream.dispose();
  });

  const curl = (...args: readonly string[]) =>
    spawnSync('curl', ['-sS', ...args], { encoding: 'utf8', cwd: parceler.folder });

  it('answers the first request of an OpenWrt client, which has no credentials, with a challenge, and the second with the file', () => {
    const first = curl('-i', `${url}/stays.bin`).stdout;
    expect(first).toMatch(/^HTTP\/1\.1 401 /);
    expect(first).toMatch(/^www-authenticate: Basic realm="[^"]+"/im);
    // wget behaves as uclient-fetch does: credentials only after the challenge.
    const file = join(parceler.folder, 'by-wget');
    execFileSync('wget', ['-q', '--user=box', '--password=open sesame', '-O', file, `${url}/stays.bin`]);
    expect(readFileSync(file).equals(old)).toBe(true);
  });

  it('lets curl resume across a release: the unchanged file is continued, the changed one starts over (T-126)', () => {
    for (const name of ['stays.bin', 'big.bin']) {
      writeFileSync(join(parceler.folder, name), old.subarray(0, 1_000_000));
    }
    const etag = /^etag: (\S+)/im.exec(curl('-I', '-u', LOGIN, `${url}/big.bin`).stdout)?.[1] ?? '';
    const renewed = randomBytes(2_000_000);
    upstream.write('big.bin', renewed);
    parceler.must('repository:sync', 'feed', '--wait');

    const resumed = curl('-u', LOGIN, '-C', '-', '-o', 'stays.bin', '-w', '%{http_code}', `${url}/stays.bin`);
    expect(resumed.stdout).toBe('206');
    expect(readFileSync(join(parceler.folder, 'stays.bin')).equals(old)).toBe(true);

    const started = curl(
      '-u',
      LOGIN,
      '-H',
      'Range: bytes=1000000-',
      '-H',
      `If-Range: ${etag}`,
      '-o',
      'big.new',
      '-w',
      '%{http_code}',
      `${url}/big.bin`,
    );
    expect(started.stdout).toBe('200');
    expect(readFileSync(join(parceler.folder, 'big.new')).equals(renewed)).toBe(true);
    expect(statSync(join(parceler.folder, 'big.new')).size).toBe(renewed.length);
  });
});
