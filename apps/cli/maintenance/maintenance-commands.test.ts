import { Secret } from '#libs/config/secret.js';
import { CLOCK } from '#libs/kernel/clock.js';
import { repositoryName } from '#libs/kernel/ids.js';
import { fixedClock } from '#libs/kernel/testing/fixed-clock.js';
import { actor } from '#libs/kernel/actor.js';
import { DatabaseMaintenanceStore } from '#libs/maintenance/adapters/database-maintenance-store.js';
import { BeginMaintenance } from '#libs/maintenance/begin-maintenance.js';
import { BypassKeys } from '#libs/maintenance/bypass-keys.js';
import { bypassWord } from '#libs/maintenance/bypass-word.js';
import { EndMaintenance } from '#libs/maintenance/end-maintenance.js';
import { MAINTENANCE_STORE } from '#libs/maintenance/maintenance-store.js';
import { AppKeyCheck } from '#libs/persistence/app-key-check.js';
import { auditTable } from '#libs/persistence/audit.js';
import { installationTable } from '#libs/persistence/installation.table.js';
import { temporaryFile, type TemporaryDatabase } from '#libs/persistence/testing/temporary-database.js';
import { FollowRun } from '#libs/syncing/runs/follow-run.js';
import { RUN_STORE } from '#libs/syncing/runs/run-store.js';
import { InMemoryRunStore } from '#libs/syncing/testing/in-memory-run-store.js';

import { checkMaintenance } from '../doctor/check-maintenance.js';
import { type Use } from '../doctor/finding.js';
import { watchRun } from '../run/watch-run.js';
import { commandContext } from '../testing/command-context.js';
import { DownCommand } from './down.command.js';
import { UpCommand } from './up.command.js';
import { warnOfMaintenance } from './warn-of-maintenance.js';

const key = (byte: number) => new Secret(Buffer.alloc(32, byte));

describe('down and up', () => {
  let temporary: TemporaryDatabase;
  let runs: InMemoryRunStore;
  const clock = fixedClock('2026-03-10T00:00:00Z');
  beforeEach(async () => {
    temporary = await temporaryFile([installationTable, auditTable]);
    runs = new InMemoryRunStore();
    await new AppKeyCheck(temporary.database, key(1)).pass();
  });
  afterEach(() => temporary.remove());

  const surroundings = (ownKey = key(1)) => {
    const store = new DatabaseMaintenanceStore(temporary.database);
    return commandContext(
      new Map<unknown, unknown>([
        [CLOCK, clock],
        [RUN_STORE, runs],
        [MAINTENANCE_STORE, store],
        [AppKeyCheck, new AppKeyCheck(temporary.database, ownKey)],
        [BeginMaintenance, new BeginMaintenance(store, new BypassKeys(ownKey), clock)],
        [EndMaintenance, new EndMaintenance(store, clock)],
      ]) as never,
    );
  };
  const down = async (options: Parameters<DownCommand['run']>[1] = {}, ownKey = key(1)): Promise<string> => {
    const { context, stdout } = surroundings(ownKey);
    await new DownCommand(context).run([], options);
    return stdout();
  };
  const up = async (): Promise<string> => {
    const { context, stdout } = surroundings();
    await new UpCommand(context).run();
    return stdout();
  };

  it('down says what happens now, and what runs', async () => {
    const act = { actor: actor('cli', 'test') };
    await runs.request({ kind: 'sync', repository: repositoryName('waiting'), at: clock.now(), act });
    await runs.request({ kind: 'sync', repository: repositoryName('debian'), at: clock.now(), act });
    await runs.start(2, clock.now());
    const lines = (await down({ retry: 5, refresh: 15, redirect: '/soon', secret: bypassWord('canary-word') })).split(
      '\n',
    );
    expect(lines).toEqual([
      'Down for maintenance, within a second in every process. Schedules stand still, workers begin nothing new.',
      'Requests get 503 with Retry-After: 5 and Refresh: 15.',
      'Who reads is sent to /soon instead.',
      'Who asks for /<word>, or sends it as X-Parceler-Bypass, is let in.',
      'Run 2 of debian is brought to its end.',
      'parceler up ends it.',
      '',
    ]);
  });

  it('down with a word wants the key that the api has, which could not recognise the word', async () => {
    const options = { secret: bypassWord('canary-word') };
    await expect(down(options, key(2))).rejects.toMatchObject({ code: 'APP_KEY_CHANGED' });
    expect(await up()).toContain('was not down');
    await down({}, key(2)); // whoever stops everything needs none
    expect(await up()).toContain('Up again');
  });

  it('up says how long it was, or that there was nothing to do', async () => {
    await down();
    clock.advance(90_000);
    expect(await up()).toBe('Up again after 1m 30s: requests are served, schedules and workers go on.\n');
    expect(await up()).toBe('Parceler was not down; nothing had to be done.\n');
  });

  it('is told where somebody would wonder, and to the doctor', async () => {
    const { context, stderr } = surroundings();
    const use: Use = (name) => context.parts.get(name);
    await warnOfMaintenance(context);
    expect([stderr(), await checkMaintenance(use)]).toEqual(['', []]);
    await down();
    await warnOfMaintenance(context);
    expect(stderr()).toMatch(/^warning: down for maintenance since 2026-03-10 00:0\d UTC: .*parceler up.*--force\n$/);
    expect(await checkMaintenance(use)).toMatchObject([{ severity: 'warning', wayOut: 'parceler up ends it.' }]);
  });

  it('is told at once to who waits for a run', async () => {
    await down();
    const { context, stdout, stderr } = surroundings();
    const act = { actor: actor('cli', 'test') };
    await runs.request({ kind: 'sync', repository: repositoryName('debian'), at: clock.now(), act });
    let toldFirst = '';
    const follow = new FollowRun(runs, async () => {
      toldFirst ||= stderr();
      await runs.finish({ id: 1 }, { state: 'succeeded', at: clock.now() });
    });
    await watchRun(follow, 1, { log: false, steps: true, signal: new AbortController().signal }, context);
    expect(toldFirst).toMatch(/^warning: down for maintenance since .*\n$/);
    expect([stdout(), stderr()]).toEqual(['debian: queued, waiting for a worker\ndebian: done\n', '']);
  });
});
