import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { OriginalParceler } from '#libs/importing/testing/original-parceler.js';
import { DAY } from '#libs/kernel/duration.js';

import { Parceler } from '../support/parceler.js';
import { PlainUpstream } from '../support/plain-upstream.js';

jest.setTimeout(180_000); // real processes, one after the other

/** As the original names a snapshot that it took so many days ago. */
const daysAgo = (days: number): string => `${new Date(Date.now() - days * DAY).toISOString().slice(0, 19)}+00:00`;

describe('import:parceler', () => {
  const [old, within, fresh] = [daysAgo(10), daysAgo(5), daysAgo(1)];
  let upstream: PlainUpstream;
  let original: OriginalParceler;
  let parceler: Parceler;

  beforeEach(async () => {
    upstream = new PlainUpstream();
    parceler = await Parceler.create();
    original = new OriginalParceler([
      { name: 'feed', command: upstream.command },
      { name: 'pinned', command: upstream.command, freeze: `snapshots/pinned/${old}` },
    ]);
    for (const repository of ['feed', 'pinned']) {
      original.put(repository, old, { list: 'old', 'pool/a b+c.deb': 'a' });
      original.put(repository, within, { list: 'within', 'pool/a b+c.deb': 'a' });
      original.put(repository, fresh, { list: 'fresh', 'pool/a b+c.deb': 'a' });
    }
  });
  afterEach(async () => {
    await parceler.dispose();
    upstream.dispose();
    original.remove();
  });

  const importIt = (...options: readonly string[]) =>
    parceler.run(['import:parceler', original.database, original.storage, ...options]);
  const served = async (path: string): Promise<string> => {
    const authorization = `Basic ${Buffer.from('box:open sesame').toString('base64')}`;
    const answer = await fetch(`${parceler.origin}/repository/community/${path}`, { headers: { authorization } });
    return `${String(answer.status)} ${await answer.text()}`;
  };
  const serve = async () => {
    parceler.run(['system:add', 'box', '--edition', 'community', '--secret-stdin'], { input: 'open sesame' });
    await parceler.serve();
  };
  const snapshots = (name: string) => parceler.json<{ id: string }[]>('repository:snapshots', name).length;

  it('serves what the original did under the same addresses, and goes on from there', async () => {
    const before = original.contents();
    expect(importIt('--dry-run')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('9 to be done') as string,
    });
    expect(parceler.json('repository:list')).toEqual([]);
    expect(importIt()).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('9 done, 0 left, 0 failed.') as string,
    });
    expect(importIt()).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('0 done, 9 left, 0 failed.') as string,
    });

    await serve();
    expect(await served('feed/list')).toBe('200 within');
    expect(await served('feed/pool/a%20b+c.deb')).toBe('200 a');
    expect(await served('pinned/list')).toBe('200 old');

    upstream.write('list', 'newest');
    upstream.write('pool/a b+c.deb', 'a');
    parceler.must('repository:sync', 'feed', 'pinned', '--wait');
    expect(await served('feed/list')).toBe('200 within'); // still the oldest of a week
    expect(await served('pinned/list')).toBe('200 old');
    expect(snapshots('feed')).toBe(4);
    parceler.must('repository:unfreeze', 'pinned');
    expect(await served('pinned/list')).toBe('200 within');
    expect(parceler.run(['doctor']).stdout).toContain('Nothing wrong was found.');
    expect(original.contents()).toEqual(before);
  });

  it('takes the old storage for its disk, without a second copy', async () => {
    mkdirSync(parceler.storage);
    symlinkSync(original.storage, join(parceler.storage, 'disk'));
    original.put('feed', 'by-hand', { list: 'mine' });
    const { status, stdout, stderr } = importIt();
    expect([status, stdout]).toEqual([7, expect.stringContaining('9 done, 0 left, 1 failed.')]);
    expect(stderr).toContain('warning: feed: snapshots/feed/by-hand: its name is no time');
    expect(statSync(original.path('feed', old, 'list')).nlink).toBe(2);
    await serve();
    expect(await served('feed/list')).toBe('200 within');
    parceler.must('repository:freeze', 'feed', 'snapshots/feed/by-hand');
    expect(await served('feed/list')).toBe('200 mine');
    expect(readFileSync(original.path('feed', old, 'list'), 'utf8')).toBe('old');
    expect(parceler.run(['doctor']).stdout).toContain('Nothing wrong was found.');
  });

  it('goes on after it was killed', async () => {
    const child = spawn(
      process.execPath,
      [resolve('bin/parceler'), 'import:parceler', original.database, original.storage],
      {
        env: parceler.environment,
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    );
    for await (const chunk of child.stdout) if (String(chunk).includes('made snapshot')) break;
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    const before = original.contents();
    expect(importIt()).toMatchObject({ status: 0, stdout: expect.stringContaining(' 0 failed.') as string });
    expect([snapshots('feed'), snapshots('pinned')]).toEqual([3, 3]);
    await serve();
    expect([await served('feed/list'), await served('pinned/list')]).toEqual(['200 within', '200 old']);
    expect(original.contents()).toEqual(before);
  });

  it('refuses another database, and tells what it wanted', () => {
    const ours = join(parceler.storage, 'parceler.sqlite');
    parceler.must('repository:list');
    const { status, stderr } = parceler.run(['import:parceler', ours, original.storage]);
    expect([status, stderr]).toEqual([2, expect.stringContaining('its table "repositories" has no sub_dir, freeze')]);
    expect(parceler.run(['import:parceler', original.database]).status).toBe(2);
  });
});
