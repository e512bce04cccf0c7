import { Parceler } from '../support/parceler.js';
import { PlainUpstream } from '../support/plain-upstream.js';
import { worldOf } from '../support/world.js';

/** What is typed, the code and the exit status it is answered with, and what the sentence has to name. */
type Refusal = readonly [typed: string, code: string, status: number, named: string];

/**
 * In what is typed, `SERVED`, `NEXT`, `FROZEN` and `ONLY` stand for snapshots: the one that feed serves, the newer one
 * that it serves next, the one that cold is frozen to, the only one of single. The repository empty never was synced.
 */
const REPOSITORIES: readonly Refusal[] = [
  ['repository:show nowhere', 'REPOSITORY_NOT_FOUND', 3, '"nowhere"'],
  ['repository:update nowhere --delay 3', 'REPOSITORY_NOT_FOUND', 3, '"nowhere"'],
  ['repository:delete nowhere --yes', 'REPOSITORY_NOT_FOUND', 3, '"nowhere"'],
  ['repository:freeze nowhere', 'REPOSITORY_NOT_FOUND', 3, '"nowhere"'],
  ['repository:unfreeze nowhere', 'REPOSITORY_NOT_FOUND', 3, '"nowhere"'],
  ['repository:files nowhere', 'REPOSITORY_NOT_FOUND', 3, '"nowhere"'],
  ['repository:snapshots nowhere', 'REPOSITORY_NOT_FOUND', 3, '"nowhere"'],
  ['repository:create --name feed --command true', 'REPOSITORY_EXISTS', 4, '"feed"'],
  ['repository:create --name Feed --command true', 'INVALID_REPOSITORY_NAME', 2, '"Feed"'],
  ['repository:create --name ../feed --command true', 'INVALID_REPOSITORY_NAME', 2, '"../feed"'],
  ['repository:create --name $(id) --command true', 'INVALID_REPOSITORY_NAME', 2, '"$(id)"'],
  [`repository:create --name ${'a'.repeat(64)} --command true`, 'INVALID_REPOSITORY_NAME', 2, 'aaa'],
  ['repository:create --name new --command=', 'INVALID_COMMAND', 2, 'command is empty'],
  ['repository:create --name new --command true --delay=-1', 'INVALID_DELAY', 2, '"-1"'],
  ['repository:create --name new --command true --delay 1.5', 'INVALID_DELAY', 2, '"1.5"'],
  ['repository:create --name new --command true --delay week', 'INVALID_DELAY', 2, '"week"'],
  ['repository:create --name new --command true --schedule daily', 'INVALID_SCHEDULE', 2, '"daily"'],
  ['repository:update feed --schedule 0_0_30_2_*', 'INVALID_SCHEDULE', 2, '"0 0 30 2 *"'],
  ['repository:update feed --schedule 61_*_*_*_*', 'INVALID_SCHEDULE', 2, '"61 * * * *"'],
  ['repository:update feed --hold-back for-ever', 'INVALID_HOLD_BACK', 2, '"for-ever"'],
  ['repository:update feed --source-folder ../../etc', 'INVALID_SOURCE_FOLDER', 2, '"../../etc"'],
  ['repository:update feed --editions community,gold', 'INVALID_EDITION', 2, '"gold"'],
  ['repository:update feed --editions=', 'INVALID_EDITION', 2, 'No edition'],
  ['repository:update feed --delay 1.5 --editions gold', 'INVALID_REPOSITORY', 2, '"gold" is not an edition'],
  ['repository:update feed', 'NOTHING_TO_CHANGE', 2, '"feed"'],
  ['repository:delete feed', 'NOT_CONFIRMED', 2, '"feed"'],
  ['repository:sync', 'USAGE', 2, 'No repository is named'],
  ['repository:sync not/a/name', 'INVALID_REPOSITORY_NAME', 2, '"not/a/name"'],
  ['repository:sync nowhere', 'REPOSITORY_NOT_FOUND', 3, '"nowhere"'],
  ['repository:files feed no/such/folder', 'PATH_NOT_SERVED', 3, '"no/such/folder"'],
  ['repository:files empty', 'NOTHING_SERVED', 4, '"empty"'],
];

const SNAPSHOTS: readonly Refusal[] = [
  ['repository:freeze feed 20200101T000000Z', 'SNAPSHOT_NOT_FOUND', 3, '20200101T000000Z'],
  ['repository:freeze feed by-hand', 'SNAPSHOT_NOT_FOUND', 3, 'by-hand'],
  ['repository:freeze feed ../../etc', 'INVALID_FREEZE_TARGET', 2, '"../../etc"'],
  ['repository:freeze empty', 'NOTHING_SERVED', 4, '"empty"'],
  ['repository:freeze cold', 'REPOSITORY_FROZEN', 4, '"cold" is frozen to FROZEN'],
  ['repository:freeze feed --until 2020-01-01', 'INVALID_UNTIL', 2, '2020-01-01'],
  ['repository:freeze feed --until tomorrow', 'INVALID_INSTANT', 2, '"tomorrow"'],
  ['repository:freeze feed --until 2027-02-30', 'INVALID_INSTANT', 2, '"2027-02-30"'],
  ['repository:unfreeze feed', 'REPOSITORY_NOT_FROZEN', 4, '"feed"'],
  ['snapshot:delete feed SERVED', 'SNAPSHOT_SERVED', 4, 'SERVED of "feed"'],
  ['snapshot:delete single ONLY', 'LAST_SNAPSHOT', 4, 'ONLY'],
  ['snapshot:delete cold FROZEN --force', 'SNAPSHOT_FROZEN', 4, '"cold" is frozen to snapshot FROZEN'],
  ['snapshot:delete feed 20200101T000000Z', 'SNAPSHOT_NOT_FOUND', 3, '20200101T000000Z'],
  ['snapshot:delete feed ../NEXT', 'INVALID_SNAPSHOT_ID', 2, '"../NEXT"'],
  ['snapshot:delete nowhere NEXT', 'REPOSITORY_NOT_FOUND', 3, '"nowhere"'],
  ['snapshot:verify feed 20200101T000000Z', 'SNAPSHOT_NOT_FOUND', 3, '20200101T000000Z'],
  ['snapshot:export feed SERVED STORAGE', 'EXPORT_NOT_EMPTY', 4, 'STORAGE'],
  ['snapshot:export feed SERVED /proc/nowhere', 'EXPORT_FAILED', 6, '/proc/nowhere'],
];

const OTHERS: readonly Refusal[] = [
  ['run:show 99', 'RUN_NOT_FOUND', 3, 'run 99'],
  ['run:log 99', 'RUN_NOT_FOUND', 3, 'run 99'],
  ['run:cancel 99', 'RUN_NOT_FOUND', 3, 'run 99'],
  ['run:cancel 1', 'RUN_ENDED', 4, 'Run 1'],
  ['run:show -1x', 'USAGE', 2, "'-1x'"],
  ['run:show one', 'INVALID_RUN_ID', 2, '"one"'],
  ['queue:retry 99', 'JOB_NOT_FOUND', 3, '"99"'],
  ['system:add box --edition community', 'SYSTEM_EXISTS', 4, '"box"'],
  ['system:add new --edition gold', 'INVALID_EDITION', 2, '"gold"'],
  ['system:add new', 'USAGE', 2, '--edition'],
  ['system:add a:b --edition community', 'INVALID_SYSTEM_ID', 2, '"a:b"'],
  ['system:add new --edition community --valid-until 2020-01-01', 'INVALID_VALID_UNTIL', 2, '2020-01-01'],
  ['system:add new --edition community --valid-until 31.12.2030', 'INVALID_INSTANT', 2, '"31.12.2030"'],
  ['system:add new --edition community --secret-stdin', 'USAGE', 2, 'holds no secret'],
  ['system:revoke nobody', 'SYSTEM_NOT_FOUND', 3, '"nobody"'],
  ['repository:creat', 'UNKNOWN_COMMAND', 2, 'Did you mean repository:create'],
  ['repository list', 'UNKNOWN_COMMAND', 2, 'Did you mean repository:list?'],
  ['run:list nobody', 'REPOSITORY_NOT_FOUND', 3, '"nobody"'],
  ['repository:sync --all feed', 'USAGE', 2, '--all'],
  ['rm', 'UNKNOWN_COMMAND', 2, '"rm"'],
  ['repository:show', 'USAGE', 2, "'name'"],
  ['repository:show feed cold', 'USAGE', 2, 'Too many arguments'],
  ['repository:list --colour', 'USAGE', 2, "'--colour'"],
  ['repository:update feed --delay', 'USAGE', 2, '--delay'],
  ['serve --only web', 'USAGE', 2, '"web"'],
];

interface SnapshotRow {
  readonly id: string;
  readonly served: boolean;
}

jest.setTimeout(60_000);

describe('bad input to a command', () => {
  const upstream = new PlainUpstream();
  const words = new Map<string, string>();
  let parceler: Parceler;
  let world: readonly string[];

  beforeAll(async () => {
    parceler = await Parceler.create();
    upstream.write('package', 'one');
    for (const name of ['feed', 'cold', 'single', 'empty']) {
      parceler.must('repository:create', '--name', name, '--command', upstream.command, '--no-sync');
    }
    parceler.must('repository:sync', 'feed', 'cold', 'single');
    parceler.must('queue:work', '--once');
    upstream.write('package', 'two');
    parceler.must('repository:sync', 'feed');
    parceler.must('queue:work', '--once');
    parceler.must('repository:freeze', 'cold');
    parceler.must('system:add', 'box', '--edition', 'community');

    const [served, next] = parceler.json<SnapshotRow[]>('repository:snapshots', 'feed');
    const [frozen] = parceler.json<SnapshotRow[]>('repository:snapshots', 'cold');
    const [only] = parceler.json<SnapshotRow[]>('repository:snapshots', 'single');
    expect([served?.served, next?.served, frozen?.served, only?.served]).toEqual([true, false, true, true]);
    for (const [word, row] of Object.entries({ SERVED: served, NEXT: next, FROZEN: frozen, ONLY: only })) {
      words.set(word, row?.id ?? '');
    }
    words.set('STORAGE', parceler.storage);
    world = worldOf(parceler.storage);
  });
  afterAll(async () => {
    await parceler.dispose();
    upstream.dispose();
  });

  const meant = (text: string): string => text.replaceAll(/[A-Z]{4,}/g, (word) => words.get(word) ?? word);

  it.each([...REPOSITORIES, ...SNAPSHOTS, ...OTHERS])('%s is refused by %s', (typed, code, status, named) => {
    // No argument has a space of its own, but cron expressions have.
    const args = typed
      .split(' ')
      .map((argument) => meant(argument).replaceAll('_', argument.includes('*') ? ' ' : '_'));
    const result = parceler.run(args);
    expect(result).toEqual({ status, stdout: '', stderr: expect.stringMatching(ONE_SENTENCE) });
    expect(result.stderr).toContain(meant(named));
    expect(result.stderr).toMatch(new RegExp(` \\(${code}\\)\\n$`));
    expect(worldOf(parceler.storage)).toEqual(world);
  });

  it('goes on with those that it knows when others are unknown', () => {
    const result = parceler.run(['repository:sync', 'nowhere', 'single']);
    expect(result).toEqual({
      status: 3,
      stdout: expect.stringMatching(/^single: queued as run \d+\n$/),
      stderr: expect.stringMatching(/^warning: There is no repository "nowhere"\. .+ \(REPOSITORY_NOT_FOUND\)\n$/),
    });
  });
});

/** One line: what is wrong, the way out of it, and a code to look up. */
const ONE_SENTENCE = /^(?:error|warning): \S[^\n]+[.?] \S[^\n]+[.?…] \([A-Z_]+\)\n$/;
