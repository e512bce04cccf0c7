import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

import { JobNotReady } from '#libs/jobs/job.js';
import { AppError } from '#libs/kernel/errors.js';
import { until } from '#libs/kernel/testing/until.js';

import { MOST_ATTEMPTS } from './outcome-of.js';
import { CancelRun } from './runs/cancel-run.js';
import { type RunStore } from './runs/run-store.js';
import { BY_ROOT, DEBIAN, SyncWorld, type SyncWorldOptions } from './testing/sync-world.js';

describe('SyncRepository', () => {
  let world: SyncWorld;
  beforeEach(async () => void (world = await SyncWorld.make()));
  afterEach(() => world.remove());

  const neverAborted = new AbortController().signal;
  const path = (name: string) => world.snapshots.sourcePath(name);
  const sync = async (id: number, options?: SyncWorldOptions, signal = neverAborted) =>
    (await world.syncRepository(options)).run(id, signal);
  /** Syncs once by that command. */
  const synced = async (command: string, options?: SyncWorldOptions) => {
    await world.addRepository(command);
    const { id } = await world.requested();
    await sync(id, options);
    return world.found(id);
  };
  const snapshots = () => world.snapshots.snapshots.list(DEBIAN);

  it('runs the command, and keeps what it saved as a snapshot', async () => {
    const run = await synced('echo one > "$SOURCE_DIR/a" && echo saved $PARCELER_REPOSITORY');
    const [snapshot] = await snapshots();
    expect(run).toMatchObject({
      state: 'succeeded',
      attempt: 1,
      step: undefined,
      startedAt: world.clock.now(),
      finishedAt: world.clock.now(),
      snapshot: snapshot?.id,
      changes: { added: 1, changed: 0, removed: 0 },
      errorCode: undefined,
    });
    expect(await world.logOf(run.id)).toMatch(
      /^saved debian\nparceler: the sync command ended well after \d+s\nparceler: succeeded with snapshot \S+\n$/,
    );
    expect(await world.snapshots.check()).toEqual([]);
  });

  it('works in the root of the disk with the environment that is let through (T-70)', async () => {
    const run = await synced('pwd; echo "$SOURCE_DIR $GREETING ${SECRET-none}"; touch "$SOURCE_DIR/a"');
    expect(await world.logOf(run.id)).toContain(`${world.snapshots.root}\nsource/debian hello none\n`);
  });

  it.each([
    ['exit 3', {}, 'SYNC_FAILED', 'exit code 3'],
    ['kill -9 $$', {}, 'SYNC_FAILED', 'SIGKILL'],
    ['echo begun; sleep 60', { timeoutMs: 300 }, 'SYNC_TIMED_OUT', 'did not end'],
    ['echo begun; sleep 60', { idleTimeoutMs: 300 }, 'SYNC_TIMED_OUT', 'neither printed nor saved'],
    ['true', {}, 'SOURCE_EMPTY', 'is empty'],
    ['ln -s /etc/passwd "$SOURCE_DIR/a"', {}, 'SOURCE_REFUSED', 'a'],
  ])('fails when the command is %j %j, with %s, and changes nothing', async (command, options, errorCode, message) => {
    const run = await synced(command, options);
    expect(run).toMatchObject({ state: 'failed', errorCode, error: expect.stringContaining(message) as string });
    expect(await world.logOf(run.id)).toContain(`parceler: ${run.error ?? ''}`);
    expect(await snapshots()).toEqual([]);
    expect(await world.snapshots.check()).toEqual([]);
  });

  it('starts no command beside the place that the disk is to be mounted on (T-32)', async () => {
    rmSync(`${world.snapshots.root}/.parceler-disk`);
    const run = await synced('echo one > "$SOURCE_DIR/a"');
    expect(run).toMatchObject({ state: 'failed', errorCode: 'DISK_NOT_MARKED' });
    expect(existsSync(path(''))).toBe(false);
    expect(await snapshots()).toEqual([]);
  });

  it('publishes a snapshot with an index of packages that cannot be read, and says so in the log', async () => {
    const run = await synced('echo "<html>Not Found</html>" > "$SOURCE_DIR/Packages"');
    expect(run.state).toBe('succeeded');
    expect(await snapshots()).toHaveLength(1);
    expect(await world.logOf(run.id)).toContain(
      'parceler: warning: Packages has an entry without a name or a version; repository:find and',
    );
  });

  it('goes on serving the old snapshot, and says so, when a check holds the new one (T-57)', async () => {
    await synced('cd "$SOURCE_DIR"; if [ -e a ]; then rm *; else touch a b c d; fi');
    const { id } = await world.requested();
    await sync(id);
    const [, held] = await snapshots();
    expect(held).toMatchObject({ state: 'held' });
    expect(await world.found(id)).toMatchObject({ state: 'failed', errorCode: 'SNAPSHOT_HELD', snapshot: held?.id });
  });

  it('does nothing for a run that has ended, however often its job is delivered (T-51)', async () => {
    const run = await synced('echo once >> "$SOURCE_DIR/a"');
    for (let again = 1; again <= 5; again++) await sync(run.id);
    await sync(4711);
    expect(readFileSync(path('a'), 'utf8')).toBe('once\n');
    expect(await world.found(run.id)).toEqual(run);
    expect(await snapshots()).toHaveLength(1);
  });

  it('leaves the run to the worker that holds the lease (T-49)', async () => {
    await world.addRepository('touch "$SOURCE_DIR/a"');
    const { id } = await world.requested();
    await world.snapshots.leases.acquire('repository:debian', 'worker:other', 30_000);
    await expect(sync(id)).rejects.toBeInstanceOf(JobNotReady);
    expect(await world.found(id)).toMatchObject({ state: 'queued', attempt: 0 });
    expect(existsSync(path('a'))).toBe(false);
  });

  it('runs once when two workers get the job at the same time (T-49)', async () => {
    await world.addRepository('echo once >> "$SOURCE_DIR/a"');
    const { id } = await world.requested();
    const results = await Promise.allSettled([sync(id), sync(id)]);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(readFileSync(path('a'), 'utf8')).toBe('once\n');
  });

  describe('that is stopped while its command runs', () => {
    /** Syncs by a command that goes on until the file `go` is there, and stops it before. */
    const stoppedBy = async (stop: (id: number, abort: AbortController) => unknown) => {
      await world.addRepository(
        'cd "$SOURCE_DIR"; echo $$ > begun; while [ ! -e go ]; do sleep 0.05; done; touch done',
      );
      const { id } = await world.requested();
      const abort = new AbortController();
      const syncing = sync(id, {}, abort.signal).then(
        () => undefined,
        (error: unknown) => error,
      );
      await until(() => existsSync(path('begun')));
      expect(await world.found(id)).toMatchObject({ state: 'running', step: 'syncing' });
      await stop(id, abort);
      const error = await syncing;
      expect(await world.snapshots.leases.holder('repository:debian')).toBeUndefined();
      writeFileSync(path('go'), '');
      return { id, error };
    };

    it('ends it, and the run, when it is cancelled', async () => {
      const { id, error } = await stoppedBy((run) => new CancelRun(world.runs, world.clock).run(run, BY_ROOT));
      expect(error).toBeUndefined();
      expect(await world.found(id)).toMatchObject({ state: 'cancelled', errorCode: 'RUN_CANCELLED' });
      expect(existsSync(path('done'))).toBe(false);
      expect(await snapshots()).toEqual([]);
    });

    it.each(['worker-stopping', 'claim-lost'])('gives the run back when the reason is %s (T-20)', async (reason) => {
      const { id, error } = await stoppedBy((_, abort) => {
        abort.abort(reason);
      });
      expect(error).toBeInstanceOf(JobNotReady);
      expect(await world.found(id)).toMatchObject({ state: 'interrupted' });
      await sync(id);
      expect(await world.found(id)).toMatchObject({ state: 'succeeded', attempt: 2 });
      expect(await world.logOf(id)).toContain('parceler: attempt 2\n');
    });
  });

  it('takes no snapshot once the run was cancelled, even if the worker was not told', async () => {
    const run = await synced('touch "$SOURCE_DIR/a"', {
      runs: (runs) =>
        overriding(runs, {
          step: async (attempt, step) => {
            if (step === 'taking snapshot')
              await runs.finish({ id: attempt.id }, { state: 'cancelled', at: new Date(0) });
            return runs.step(attempt, step);
          },
        }),
    });
    expect(run).toMatchObject({ state: 'cancelled', finishedAt: new Date(0) });
    expect(await snapshots()).toEqual([]);
  });

  it('begins anew what a worker that died had begun, and tidies up first', async () => {
    await world.addRepository('cat recovered > "$SOURCE_DIR/a"');
    const { id } = await world.requested();
    await world.runs.start(id, world.clock.now());
    const recover = async () => {
      writeFileSync(`${world.snapshots.root}/recovered`, 'yes');
    };
    await sync(id, { steps: { recover } });
    expect(await world.found(id)).toMatchObject({ state: 'succeeded', attempt: 2 });
    expect(readFileSync(path('a'), 'utf8')).toBe('yes');
  });

  it('takes no second snapshot when its worker died between the snapshot and the end of the run (T-12)', async () => {
    await world.addRepository('echo once >> "$SOURCE_DIR/a"');
    const { id } = await world.requested();
    const dying = { prune: () => Promise.reject(new AppError('conflict', 'LEASE_LOST', 'The lease was lost.')) };
    const finish = () => Promise.reject(new Error('dead'));
    await expect(sync(id, { steps: dying, runs: (runs) => overriding(runs, { finish }) })).rejects.toThrow('dead');
    await sync(id);
    const [made, ...others] = await snapshots();
    expect(others).toEqual([]);
    expect(await world.found(id)).toMatchObject({ state: 'succeeded', attempt: 2, snapshot: made?.id });
    expect(readFileSync(path('a'), 'utf8')).toBe('once\n');
  });

  it('gives up a run that ends its workers every time (T-55)', async () => {
    await world.addRepository('touch "$SOURCE_DIR/a"');
    const { id } = await world.requested();
    for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt++) await world.runs.start(id, world.clock.now());
    await sync(id);
    expect(await world.found(id)).toMatchObject({ state: 'failed', errorCode: 'RUN_GIVEN_UP' });
    expect(existsSync(path('a'))).toBe(false);
  });

  it('is not given up because workers were stopped in good order, however often (T-20, T-55)', async () => {
    await world.addRepository('touch "$SOURCE_DIR/a"');
    const { id } = await world.requested();
    const stopping = AbortSignal.abort('worker-stopping');
    for (let stop = 1; stop <= MOST_ATTEMPTS + 1; stop++) {
      const syncRepository = await world.syncRepository();
      await expect(syncRepository.run(id, stopping)).rejects.toBeInstanceOf(JobNotReady);
    }
    await sync(id);
    expect(await world.found(id)).toMatchObject({ state: 'succeeded', attempt: MOST_ATTEMPTS + 2 });
  });

  it('fails when the repository was deleted meanwhile', async () => {
    await world.addRepository('true');
    const { id } = await world.requested();
    await world.repositories.markDeleted(DEBIAN);
    await sync(id);
    expect(await world.found(id)).toMatchObject({ state: 'failed', errorCode: 'REPOSITORY_NOT_FOUND' });
  });

  it('has succeeded once there is a snapshot, also when pruning fails', async () => {
    const prune = () => Promise.reject(new Error('no'));
    expect(await synced('touch "$SOURCE_DIR/a"', { steps: { prune } })).toMatchObject({ state: 'succeeded' });
    expect(world.logged).toContainEqual(['pruning failed', { repository: 'debian', error: 'no' }]);
  });

  it('tells nobody but the log what was not foreseen', async () => {
    const take = { run: () => Promise.reject(new Error('password is 1234')) };
    const run = await synced('true', { steps: { take } });
    expect(run).toMatchObject({
      state: 'failed',
      errorCode: 'RUN_BROKEN',
      error: expect.not.stringContaining('1234') as string,
    });
    expect(world.logged.map(([message]) => message)).toContain('run failed unexpectedly');
  });

  describe('when the database does not take the outcome', () => {
    const busy = new AppError('unavailable', 'DATABASE_BUSY', 'The database is busy.');
    const failing = (times: number) => (runs: RunStore) => {
      let left = times;
      return overriding(runs, {
        finish: async (...outcome) => {
          if (left-- > 0) throw busy;
          return runs.finish(...outcome);
        },
      });
    };

    it('tries again for a while', async () => {
      expect(await synced('touch "$SOURCE_DIR/a"', { runs: failing(4) })).toMatchObject({ state: 'succeeded' });
      expect(world.waits).toEqual([1_000, 2_000, 4_000, 8_000]);
    });

    it('logs it, and leaves the run to be attempted again', async () => {
      await world.addRepository('touch "$SOURCE_DIR/a"');
      const { id } = await world.requested();
      await expect(sync(id, { runs: failing(5) })).rejects.toBe(busy);
      expect(world.logged).toContainEqual([
        'outcome of a run not stored',
        expect.objectContaining({ run: id, state: 'succeeded', cause: 'The database is busy.' }),
      ]);
      await sync(id);
      expect(await world.found(id)).toMatchObject({ state: 'succeeded', attempt: 2 });
    });
  });
});

const overriding = (runs: RunStore, methods: Partial<RunStore>): RunStore =>
  new Proxy(runs, {
    get: (store, name: keyof RunStore) => methods[name] ?? (store[name] as () => unknown).bind(store),
  });
