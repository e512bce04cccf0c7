import { PackageFeeds } from '../support/package-feeds.js';
import { Parceler } from '../support/parceler.js';

jest.setTimeout(180_000); // real processes, one after the other

interface Found {
  readonly snapshot: string;
  readonly version: string;
  readonly path: string;
  readonly when: string;
}

const lines = (text: string): readonly string[] => text.split('\n').filter((line) => line !== '');

/** What an operator does when a faulty package slips out upstream: the runbook's step 3 depends on it. */
describe('the packages of snapshots', () => {
  const feeds = new PackageFeeds();
  const snapshots: string[] = [];
  let parceler: Parceler;

  beforeAll(async () => {
    parceler = await Parceler.create();
    parceler.must('repository:create', '--name', 'vendor', '--command', feeds.command, '--delay', '7', '--no-sync');
    sync(); // 1.2.1
    feeds.replace('parceler-motd', '1.10.0'); // faulty
    sync();
    sync(); // still there, and nothing else changed
    feeds.replace('parceler-motd', '1.9.0'); // upstream took it back
    sync();
  });
  afterAll(async () => {
    await parceler.dispose();
    feeds.dispose();
  });

  function sync(): void {
    parceler.must('repository:sync', 'vendor');
    parceler.must('queue:work', '--once');
    const [newest] = parceler.json<readonly { readonly id: string }[]>('repository:snapshots', 'vendor').slice(-1);
    snapshots.push(newest?.id ?? '');
  }

  it('differ: an upgrade is told from a downgrade, and opkg is told apart from apt by the index', () => {
    const [first = '', second = '', third = '', fourth = ''] = snapshots;
    expect(lines(parceler.must('repository:diff', 'vendor', first, second))).toEqual([
      'upgraded\tparceler-motd\tall\t1.2.1\t1.10.0',
    ]);
    expect(lines(parceler.must('repository:diff', 'vendor', third))).toEqual([
      'downgraded\tparceler-motd\tall\t1.10.0\t1.9.0',
    ]);
    expect(lines(parceler.must('repository:diff', 'vendor', 'served', fourth))).toEqual([
      'upgraded\tparceler-motd\tall\t1.2.1\t1.9.0',
    ]);
    const [change] = parceler.json<readonly object[]>('repository:diff', 'vendor', first, second);
    expect(change).toEqual({
      change: 'upgraded',
      package: 'parceler-motd',
      arch: 'all',
      from: '1.2.1',
      to: '1.10.0',
      path: null,
      indexes: [
        'apt/dists/stable/main/binary-all/Packages',
        'apt/dists/stable/main/binary-amd64/Packages',
        'opkg/Packages',
      ],
    });
    const same = parceler.run(['repository:diff', 'vendor', second, third]);
    expect(same).toMatchObject({
      status: 0,
      stdout: '',
      stderr: expect.stringContaining('have the same packages') as string,
    });
  });

  it('are found: every snapshot with the faulty version, when it was or will be served, until it is deleted', () => {
    const [first = '', second = '', third = '', fourth = ''] = snapshots;
    const faulty = parceler.json<readonly Found[]>('repository:find', 'parceler-motd', '--version', '1.10.0');
    expect([...new Set(faulty.map(({ snapshot }) => snapshot))].toSorted()).toEqual([second, third].toSorted());
    expect(new Set(faulty.map(({ path }) => path))).toEqual(
      new Set(['opkg/parceler-motd_1.10.0_all.ipk', 'apt/pool/main/p/parceler-motd/parceler-motd_1.10.0_all.deb']),
    );
    const all = lines(parceler.must('repository:find', 'parceler-m*', '--repository', 'vendor'));
    const when = new Map(all.map((line) => [line.split('\t')[1], line.split('\t')[6]]));
    expect(Object.fromEntries(when)).toEqual({
      [first]: 'now',
      [second]: 'later',
      [third]: 'later',
      [fourth]: 'later',
    });

    for (const id of [second, third]) parceler.must('snapshot:delete', 'vendor', id);
    const gone = parceler.run(['repository:find', 'parceler-motd', '--version', '1.10.0', '--json']);
    expect(gone).toMatchObject({
      status: 3,
      stdout: '[]\n',
      stderr: expect.stringContaining('(PACKAGE_NOT_FOUND)') as string,
    });
    expect(lines(parceler.must('repository:diff', 'vendor', first))).toEqual([
      'upgraded\tparceler-motd\tall\t1.2.1\t1.9.0',
    ]);
    expect(lines(parceler.must('repository:files', 'vendor', '.'))).toEqual([
      'source/vendor/',
      `snapshots/vendor/${first}/`,
      `snapshots/vendor/${fourth}/`,
    ]);
  });

  it('are unknown where an index cannot be read: the run says so, and repository:find does not keep it back', () => {
    parceler.must(
      'repository:update',
      'vendor',
      '--command',
      `${feeds.command} && echo "<html>" > "$SOURCE_DIR/opkg/Packages"`,
    );
    sync();
    const [run] = parceler.json<readonly { readonly id: number; readonly state: string }[]>('run:list');
    expect(run?.state).toBe('succeeded');
    expect(parceler.must('run:log', String(run?.id))).toContain(
      'parceler: warning: opkg/Packages has an entry without a name',
    );
    const { stderr, stdout, status } = parceler.run(['repository:find', 'parceler-motd', '--version', '1.9.0']);
    expect(status).toBe(0);
    expect(stderr).toContain(
      `warning: an index is unknown in 1 snapshot of "vendor" (${snapshots.at(-1) ?? ''}): opkg/Packages has`,
    );
    expect(lines(stdout)).toHaveLength(3); // opkg's and apt's in one snapshot, apt's in the other
  });

  it('say what is wrong with the question', () => {
    expect(parceler.run(['repository:diff', 'vendor', '20010101T000000Z'])).toMatchObject({ status: 3 });
    expect(parceler.run(['repository:diff', 'nobody', 'served'])).toMatchObject({ status: 3 });
    expect(parceler.run(['repository:find', 'x', '--repository', 'No Name'])).toMatchObject({ status: 2 });
  });
});
