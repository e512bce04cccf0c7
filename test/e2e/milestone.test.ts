import { spawnSync } from 'node:child_process';

import { until } from '#libs/kernel/testing/until.js';

import { Parceler } from '../support/parceler.js';
import { PlainUpstream } from '../support/plain-upstream.js';

jest.setTimeout(120_000); // real processes, one after the other

const TOKEN = '0123456789abcdef0123456789abcdef';

interface SnapshotRow {
  readonly id: string;
  readonly state: string;
  readonly served: boolean;
}

interface RunRow {
  readonly id: number;
  readonly kind: string;
  readonly state: string;
}

describe('milestone releases', () => {
  const upstream = new PlainUpstream();
  let parceler: Parceler;

  beforeAll(async () => {
    parceler = await Parceler.create({ REPOSITORY_RELEASE_TOKEN: TOKEN });
    parceler.must('repository:create', '--name', 'feed', '--command', upstream.command, '--delay', '7', '--no-sync');
    parceler.run(['system:add', 'box', '--edition', 'community', '--secret-stdin'], { input: 'open sesame' });
    await parceler.serve();
    upstream.write('package', 'one');
    parceler.must('repository:sync', 'feed', '--wait');
  });
  afterAll(async () => {
    await parceler.dispose();
    upstream.dispose();
  });

  async function served(): Promise<string> {
    const authorization = `Basic ${Buffer.from('box:open sesame').toString('base64')}`;
    const answer = await fetch(`${parceler.origin}/repository/community/feed/package`, { headers: { authorization } });
    return answer.text();
  }

  const snapshots = (): readonly SnapshotRow[] => parceler.json('repository:snapshots', 'feed', '--all');
  const curl = (...args: readonly string[]): string =>
    spawnSync('curl', ['-s', '-w', ' %{http_code}', ...args], { encoding: 'utf8' }).stdout;
  const hook = (...args: readonly string[]): string =>
    curl('-X', 'POST', ...args, `${parceler.origin}/repository/feed/milestone`);

  it('makes the newest content what clients get, and rolls back to what they got before', async () => {
    upstream.write('package', 'two');
    parceler.must('repository:sync', 'feed', '--wait');
    expect(await served()).toBe('one');
    upstream.write('package', 'three');
    const output = parceler.must('repository:release', 'feed', '--wait', '--reason', 'version three');
    expect(output).toMatch(/^feed: queued as run \d+\n(?:feed: .*\n)+Served now: \S+ \(window\)/);
    expect(await served()).toBe('three');
    expect(snapshots().map(({ state }) => state)).toEqual(['superseded', 'superseded', 'complete']);

    expect(parceler.must('repository:rollback', 'feed', '--reason', 'three is faulty')).toContain(
      'until repository:unfreeze',
    );
    expect(await served()).toBe('one');
    expect(parceler.run(['repository:milestone', 'feed'])).toMatchObject({
      status: 4,
      stderr: expect.stringContaining('(REPOSITORY_FROZEN)') as string,
    });
    expect(await served()).toBe('one');
    expect(parceler.must('repository:milestone', 'feed', '--unfreeze', '--purge', '--wait')).toContain('Served now:');
    expect(await served()).toBe('three');
    expect(snapshots().map(({ state }) => state)).toEqual(['complete']);
  });

  it('is asked for by CI with the token', async () => {
    upstream.write('package', 'four');
    expect(hook()).toMatch(/"TOKEN_REQUIRED".* 401$/);
    expect(hook('-H', 'Authorization: Bearer wrong')).toMatch(/ 401$/);
    const [, run = ''] = /"run":(\d+)\} 202$/.exec(hook('-H', `Authorization: Bearer ${TOKEN}`)) ?? [];
    await until(() => parceler.json<RunRow>('run:show', run).state === 'succeeded');
    expect(parceler.json('run:show', run)).toMatchObject({ kind: 'milestone', requestedBy: 'api:milestone-token' });
    expect(await served()).toBe('four');
  });

  it('restores a superseded snapshot, which time then decides on again', async () => {
    const [superseded] = snapshots();
    expect(superseded?.state).toBe('superseded');
    parceler.must('snapshot:restore', 'feed', superseded?.id ?? '');
    expect(await served()).toBe('three');
  });

  it('changes nothing when the sync fails', async () => {
    parceler.must('repository:update', 'feed', '--command', 'exit 3');
    const before = snapshots();
    expect(parceler.run(['repository:milestone', 'feed', '--wait'])).toMatchObject({ status: 7 });
    expect(snapshots()).toEqual(before);
    expect(await served()).toBe('three');
  });
});
