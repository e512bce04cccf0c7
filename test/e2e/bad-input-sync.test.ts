import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { Parceler } from '../support/parceler.js';

/** What the sync command does, the code of its run, and what the sentence has to say. */
type Misbehaviour = readonly [what: string, script: string, code: string, says: string];

const HEALTHY = 'for name in a b c d; do echo good >"$SOURCE_DIR/$name"; done';
const IS_ROOT = process.getuid?.() === 0;

const MISBEHAVIOURS: readonly Misbehaviour[] = [
  ['fails', 'echo upstream is down; exit 3', 'SYNC_FAILED', 'sync command of "feed" failed with exit code 3'],
  ['does not exist', 'no-such-program --mirror', 'SYNC_FAILED', 'exit code 127'],
  ['is killed', 'kill -KILL $$', 'SYNC_FAILED', 'sync command of "feed"'],
  ['hangs (T-63)', 'exec sleep 300', 'SYNC_TIMED_OUT', 'nor saved anything for 1s'],
  ['hangs in the background (T-64)', 'setsid sleep 300 & wait', 'SYNC_TIMED_OUT', 'nor saved anything for 1s'],
  ['never ends', 'while :; do echo tick; sleep 0.2; done', 'SYNC_TIMED_OUT', 'did not end within 8s'],
  ['floods its output (T-65)', 'yes flood | head -c 20000000; exit 1', 'SYNC_FAILED', 'exit code 1'],
  ['leaves a FIFO (T-36)', 'mkfifo "$SOURCE_DIR/pipe"', 'SOURCE_REFUSED', '"pipe"'],
  // Only root can make one.
  ...(IS_ROOT
    ? ([['leaves a device (T-36)', 'mknod "$SOURCE_DIR/null" c 1 3', 'SOURCE_REFUSED', '"null"']] as const)
    : []),
  ['links to a file outside (T-72)', 'ln -s /etc/passwd "$SOURCE_DIR/users"', 'SOURCE_REFUSED', '"users"'],
  ['links out relatively (T-72)', 'ln -s ../../blobs "$SOURCE_DIR/blobs"', 'SOURCE_REFUSED', '"blobs"'],
  ['leaves what cannot be read', 'ln -s nothing "$SOURCE_DIR/dangling"', 'SOURCE_REFUSED', '"dangling"'],
  ['leaves a loop of links', 'ln -s loop "$SOURCE_DIR/loop"', 'SOURCE_REFUSED', '"loop"'],
  ['names a file in no UTF-8 (T-35)', `touch "$SOURCE_DIR/$(printf 'caf\\351')"`, 'SOURCE_REFUSED', 'caf'],
  ['removes its source', 'rm -r "$SOURCE_DIR"', 'SOURCE_MISSING', 'source'],
];

/** These leave a snapshot that is held and never served; what was served stays (T-57). */
const HELD: readonly Misbehaviour[] = [
  ['leaves nothing', 'rm -f "$SOURCE_DIR"/*', 'SNAPSHOT_HELD', 'is empty; it had 4 files before'],
  ['loses half', 'cd "$SOURCE_DIR"; rm -f a b', 'SNAPSHOT_HELD', 'lost 50 % of its files'],
];

interface SnapshotRow {
  readonly id: string;
  readonly state: string;
  readonly served: boolean;
}

jest.setTimeout(60_000);

describe('a sync command that misbehaves', () => {
  let parceler: Parceler;
  let authorization: string;

  beforeAll(async () => {
    parceler = await Parceler.create({ SYNC_IDLE_TIMEOUT: '1s', SYNC_TIMEOUT: '8s' });
    script(HEALTHY);
    const create = (name: string, ...options: readonly string[]): string =>
      parceler.must('repository:create', '--name', name, '--no-sync', ...options);
    create('feed', '--delay', '0', '--command', `sh ${join(parceler.folder, 'sync.sh')}`);
    create('hollow', '--command', 'true');
    create('elsewhere', '--command', 'echo >"$SOURCE_DIR/file"', '--source-folder', 'dists/stable');
    parceler.must('repository:sync', 'feed');
    parceler.must('queue:work', '--once');
    const secret = parceler.must('system:add', 'box', '--edition', 'community').trim().split('\n').at(-1);
    authorization = `Basic ${Buffer.from(`box:${secret ?? ''}`).toString('base64')}`;
    await parceler.serve({ only: 'api,worker' });
  });
  afterAll(() => parceler.dispose());

  const script = (text: string): void => {
    writeFileSync(join(parceler.folder, 'sync.sh'), `${text}\n`);
  };
  const snapshots = (): readonly SnapshotRow[] => parceler.json<SnapshotRow[]>('repository:snapshots', 'feed');

  async function served(): Promise<string> {
    const answer = await fetch(`${parceler.origin}/repository/community/feed/a`, { headers: { authorization } });
    return `${String(answer.status)} ${await answer.text()}`;
  }

  /** Syncs a repository, and expects that it comes to nothing. */
  function refused(name: string, code: string, says: string): void {
    const { status, stderr } = parceler.run(['repository:sync', name, '--wait']);
    expect(status).toBe(7);
    expect(stderr).toMatch(
      new RegExp(`^warning: ${name}: run \\d+ failed: \\S.+\\. run:log \\d+ tells more\\. \\(${code}\\)\n$`),
    );
    expect(stderr).toContain(says);
  }

  it.each(MISBEHAVIOURS)('%s: changes nothing', async (_, text, code, says) => {
    const before = snapshots();
    script(`rm -rf "$SOURCE_DIR"/*\n${HEALTHY}\n${text}`);
    refused('feed', code, says);
    expect(snapshots()).toEqual(before);
    expect(await served()).toBe('200 good\n');
    expect(readdirSync(join(parceler.storage, 'disk/staging'))).toEqual([]);
  });

  it.each(HELD)('%s: its snapshot is held and never served', async (_, text, code, says) => {
    const before = snapshots();
    script(`${HEALTHY}\n${text}`);
    refused('feed', code, says);
    const [held, ...others] = snapshots().toReversed();
    expect(held).toMatchObject({ state: 'held', served: false });
    expect(others.toReversed().filter(({ state }) => state === 'complete')).toEqual(
      before.filter(({ state }) => state === 'complete'),
    );
    expect(await served()).toBe('200 good\n');
  });

  it.each([
    ['fills nothing', 'hollow', 'SOURCE_EMPTY', 'source of "hollow" is empty'],
    ['does not fill the published folder', 'elsewhere', 'SOURCE_MISSING', 'dists/stable'],
  ])('%s, at its first sync: no snapshot', (_, name, code, says) => {
    refused(name, code, says);
    expect(parceler.json('repository:snapshots', name)).toEqual([]);
  });

  it('keeps the beginning and the end of a flood, and no more (T-65)', () => {
    const [flood] = parceler
      .json<{ id: number; error: string | null }[]>('run:list')
      .filter(({ error }) => error?.includes('exit code 1.'));
    const log = parceler.must('run:log', String(flood?.id));
    expect(log.length).toBeGreaterThan(64 * 1024);
    expect(log.length).toBeLessThan(1024 * 1024);
  });

  it('is forgiven when it behaves again', async () => {
    script(`${HEALTHY}\necho better >"$SOURCE_DIR/a"`);
    expect(parceler.run(['repository:sync', 'feed', '--wait']).status).toBe(0);
    expect(await served()).toBe('200 better\n');
  });
});
