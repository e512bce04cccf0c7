import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { until } from '#libs/kernel/testing/until.js';

import { Parceler } from '../support/parceler.js';

jest.setTimeout(90_000);

/** What the queue promises (`libs/jobs/job-queue.ts`); leases of queue and repository have to lapse before. */
const TAKEN_UP_WITHIN_SECONDS = 45;

interface Run {
  readonly state: string;
  readonly step: string | null;
  readonly attempt: number;
}

const childrenOf = (pid = 0): readonly number[] =>
  readFileSync(`/proc/${String(pid)}/task/${String(pid)}/children`, 'utf8')
    .trim()
    .split(' ')
    .map(Number);

describe('a worker that is killed with -9 in the middle of a sync', () => {
  let parceler: Parceler;
  beforeAll(async () => (parceler = await Parceler.create()));
  afterAll(() => parceler.dispose());

  const run = (): Run => parceler.json<Run>('run:show', '1');

  it('has its run taken up by another one, and its half work swept (T-02, I-15)', async () => {
    // The first attempt never ends; the second one finds what the first one left.
    const command = 'cd "$SOURCE_DIR"; if [ -e half ]; then echo b > whole; else echo a > half; sleep 600; fi';
    parceler.must('repository:create', '--name', 'feed', '--delay', '0', '--command', command);
    const first = await parceler.serve({ only: 'worker' });
    await until(() => run().step === 'syncing');
    for (const pid of childrenOf(first.pid)) process.kill(pid, 'SIGKILL'); // it would end in order without its supervisor
    await parceler.stop(first, 'SIGKILL');
    await parceler.serve({ only: 'worker' });
    expect(run().state).toBe('running'); // nobody could tell that it was not
    await until(() => run().state === 'succeeded', TAKEN_UP_WITHIN_SECONDS);
    expect(run().attempt).toBe(2);
    expect(parceler.must('repository:files', 'feed')).toBe('half\nwhole\n');
    for (const folder of ['staging', '.drafts']) {
      expect(readdirSync(join(parceler.storage, 'disk', folder))).toEqual([]);
    }
  });
});
