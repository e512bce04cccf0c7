import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { Parceler } from '../support/parceler.js';
import { PlainUpstream } from '../support/plain-upstream.js';

interface SnapshotRow {
  readonly id: string;
}

jest.setTimeout(60_000); // real processes, one after the other

describe('what an operator is told', () => {
  const upstream = new PlainUpstream();
  let parceler: Parceler;
  let ids: readonly string[];

  const sync = (...options: readonly string[]): void => {
    parceler.must('repository:sync', 'feed', ...options);
    parceler.must('queue:work', '--once');
  };
  beforeAll(async () => {
    parceler = await Parceler.create();
    parceler.must('repository:create', '--name', 'feed', '--command', upstream.command, '--no-sync');
    for (const version of ['one', 'two', 'three']) {
      upstream.write('package', version);
      sync();
    }
    ids = parceler.json<SnapshotRow[]>('repository:snapshots', 'feed').map(({ id }) => id);
  });
  afterAll(async () => {
    await parceler.dispose();
    upstream.dispose();
  });

  describe('after a change of what is served', () => {
    const lastLine = (...args: readonly string[]): string | undefined =>
      parceler
        .must(...args)
        .trim()
        .split('\n')
        .at(-1);

    it.each([
      ['repository:update feed --delay 0', 2, 'newest'],
      ['repository:update feed --delay 7 --hold-back minimum-age', 0, 'oldest'],
      ['repository:freeze feed NEWEST', 2, 'frozen'],
      ['repository:unfreeze feed', 0, 'oldest'],
      ['snapshot:delete feed OLDEST --force', 1, 'oldest'],
    ])('%s: what is served now, and why', (typed, served, reason) => {
      const args = typed.split(' ').map((word) => ({ NEWEST: ids[2], OLDEST: ids[0] })[word] ?? word);
      expect(lastLine(...args)).toMatch(new RegExp(`^Served now: ${ids[served] ?? ''} \\(${reason}\\)[.,]`));
    });

    it('nothing of it when something else was changed', () => {
      expect(lastLine('repository:update', 'feed', '--schedule', '0 3 * * *')).toBe('Changed feed: --schedule.');
    });
  });

  it('that there is a secret in a sync command, and not that there is the name of one', () => {
    const stderrOf = (command: string) => parceler.run(['repository:update', 'feed', '--command', command]).stderr;
    expect(stderrOf('rsync "rsync://mirror:open-sesame@deb.example.org/x" "$SOURCE_DIR"')).toMatch(
      /^warning: .*secret in the command.*SYNC_ENV/,
    );
    expect(stderrOf('RSYNC_PASSWORD="$MIRROR_PASSWORD" rsync "deb.example.org::x" "$SOURCE_DIR"')).toBe('');
    parceler.must('repository:update', 'feed', '--command', upstream.command);
  });

  it('how to move a freeze, in commands that do it', () => {
    const [, older = '', newer = ''] = ids;
    parceler.must('repository:freeze', 'feed', older);
    for (const refused of [
      ['repository:freeze', 'feed', newer],
      ['snapshot:delete', 'feed', older, '--force'],
    ]) {
      const { status, stderr } = parceler.run(refused);
      expect({ status, stderr }).toEqual({ status: 4, stderr: expect.stringContaining('repository:unfreeze feed') });
      expect(stderr).toContain('then repository:freeze feed <snapshot>');
    }
    parceler.must('repository:unfreeze', 'feed');
    parceler.must('repository:freeze', 'feed', newer);
    parceler.must('snapshot:delete', 'feed', older);
    expect(parceler.json('repository:show', 'feed')).toMatchObject({ frozen: { snapshot: newer } });
    parceler.must('repository:unfreeze', 'feed');
  });

  it('what became of a folder that was frozen to, and of the snapshot that was made of it', () => {
    const folder = (name: string): void => {
      mkdirSync(join(parceler.storage, 'disk/snapshots/feed', name));
      writeFileSync(join(parceler.storage, 'disk/snapshots/feed', name, 'package'), 'by hand');
    };
    folder('golden');
    const [made = '', after = ''] = parceler.must('repository:freeze', 'feed', 'golden').split('\n');
    const id = /^Made snapshot (\w+) of the folder snapshots\/feed\/golden\./.exec(made)?.[1] ?? '';
    expect(made).toContain('nothing needs it any more');
    expect(after).toMatch(new RegExp(`After repository:unfreeze .* snapshot:delete feed ${id}\\.$`));
    parceler.must('repository:unfreeze', 'feed');
    folder('20200101T000000Z');
    expect(parceler.must('repository:freeze', 'feed', '20200101T000000Z')).toContain("the snapshot's own now");
    parceler.must('repository:unfreeze', 'feed');
    for (const made of [id, '20200101T000000Z']) parceler.must('snapshot:delete', 'feed', made, '--force');
    expect(existsSync(join(parceler.storage, 'disk/snapshots/feed/golden/package'))).toBe(true);
  });

  it.each([
    ['', 'USAGE'],
    ['/dev/null', 'EXPORT_NOT_A_FOLDER'],
  ])('that %j is no folder to export to', (directory, code) => {
    const { status, stderr } = parceler.run(['snapshot:export', 'feed', ids[2] ?? '', directory]);
    expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining(`(${code})`) });
  });

  it('that the last sync failed, when and why, beside when the last good one was', () => {
    const [before] = parceler.json<{ lastSync: string; lastRun: unknown }[]>('repository:list');
    expect(before).toMatchObject({ lastRun: { state: 'succeeded', finishedAt: before?.lastSync, errorCode: null } });
    parceler.must('repository:update', 'feed', '--command', 'sleep 1; false');
    sync();
    const lastRun = { id: 4, state: 'failed', errorCode: 'SYNC_FAILED', error: expect.stringContaining('exit code 1') };
    expect(parceler.json('repository:list')).toMatchObject([{ lastSync: before?.lastSync, lastRun }]);
    expect(parceler.json('repository:show', 'feed')).toMatchObject({ lastSync: before?.lastSync, lastRun });
    expect(parceler.must('repository:list')).toMatch(/failed \d+s ago: SYNC_FAILED/);
    expect(parceler.must('repository:show', 'feed')).toMatch(
      /^last run +4 failed at 2\d{3}-\d\d-\d\d \d\d:\d\d UTC: The sync command .* \(SYNC_FAILED\)$/m,
    );
  });

  it('how often runs were begun, and how long they took', () => {
    const [failed] = parceler.json<{ attempt: number; durationSeconds: number }[]>('run:list');
    expect(failed).toMatchObject({ id: 4, attempt: 1 });
    expect(failed?.durationSeconds).toBeGreaterThanOrEqual(1);
    expect(failed?.durationSeconds).toBeLessThan(30);
    const [head = '', first = ''] = parceler.must('run:list').split('\n');
    expect(head).toMatch(/ ATTEMPTS +TOOK /);
    expect(first).toMatch(/ failed .* 1 +\d+s /);
    expect(parceler.must('run:show', '4')).toMatch(/^took +\d+s$/m);
  });
});
