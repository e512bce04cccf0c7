import { daysLater } from '../support/moved-clock.js';
import { Parceler } from '../support/parceler.js';
import { PlainUpstream } from '../support/plain-upstream.js';

jest.setTimeout(120_000); // real processes, one after the other

interface Snapshots {
  readonly id: string;
  readonly served: boolean;
}

/** One repository, a delay of 7 days, and a clock that the test moves: each day is a new set of processes. */
describe('hold-back over days', () => {
  const upstream = new PlainUpstream();
  let parceler: Parceler;

  beforeAll(async () => {
    parceler = await Parceler.create();
    parceler.must('repository:create', '--name', 'feed', '--command', upstream.command, '--delay', '7', '--no-sync');
    parceler.run(['system:add', 'box', '--edition', 'community', '--secret-stdin'], { input: 'open sesame' });
  });
  afterAll(async () => {
    await parceler.dispose();
    upstream.dispose();
  });

  function command(day: number, ...args: readonly string[]): void {
    const { status, stderr } = parceler.run(args, { env: daysLater(day) });
    if (status !== 0) throw new Error(`${args.join(' ')} on day ${String(day)}: ${stderr}`);
  }

  function sync(day: number, version: string): void {
    upstream.write('package', version);
    command(day, 'repository:sync', 'feed');
    command(day, 'queue:work', '--once');
  }

  /** What an appliance downloads on that day. */
  async function served(day: number): Promise<string> {
    const api = await parceler.serve({ only: 'api', env: daysLater(day) });
    try {
      const authorization = `Basic ${Buffer.from('box:open sesame').toString('base64')}`;
      const answer = await fetch(`${parceler.origin}/repository/community/feed/package`, {
        headers: { authorization },
      });
      return `${String(answer.status)} ${await answer.text()}`;
    } finally {
      await parceler.stop(api);
    }
  }

  const snapshots = (day: number): readonly Snapshots[] => {
    const { stdout } = parceler.run(['repository:snapshots', 'feed', '--json'], { env: daysLater(day) });
    return JSON.parse(stdout) as Snapshots[];
  };

  it('serves the oldest snapshot of the window, day by day', async () => {
    sync(0, 'one');
    expect(await served(0)).toBe('200 one');
    sync(3, 'two');
    expect(await served(3)).toBe('200 one');
    sync(6, 'three');
    expect(await served(6)).toBe('200 one');
    expect(await served(8)).toBe('200 two');
    expect(await served(11)).toBe('200 three');
  });

  it('goes on serving the last good one when nothing is in the window any more', async () => {
    expect(await served(40)).toBe('200 three');
  });

  it('stays on a frozen snapshot, and goes on when it is unfrozen', async () => {
    command(8, 'repository:freeze', 'feed', '--reason', 'version three is faulty');
    expect(await served(11)).toBe('200 two');
    command(11, 'repository:unfreeze', 'feed');
    expect(await served(11)).toBe('200 three');
  });

  it('lets the next snapshot take over when the served one is deleted', async () => {
    expect(await served(8)).toBe('200 two');
    const two = snapshots(8).find((snapshot) => snapshot.served);
    command(8, 'snapshot:delete', 'feed', two?.id ?? '', '--force');
    expect(await served(8)).toBe('200 three');
    expect(snapshots(8).map(({ id }) => id)).not.toContain(two?.id);
  });
});
