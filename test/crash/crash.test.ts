import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';

import { actor } from '#libs/kernel/actor.js';
import { HOUR } from '#libs/kernel/duration.js';
import { repositoryName } from '#libs/kernel/ids.js';
import { fixedClock } from '#libs/kernel/testing/fixed-clock.js';
import { until } from '#libs/kernel/testing/until.js';
import { WorldMemory } from '#libs/snapshots/testing/check-world.js';

import { hoursLater } from '../support/moved-clock.js';
import { Parceler } from '../support/parceler.js';
import { ChangingUpstream, type Contents } from './changing-upstream.js';
import { ContinuousReader } from './continuous-reader.js';
import { Inside } from './inside.js';
import { type Instant, measurePhases, type Phase, phaseNow, shortest, spreadOver, untilInstant } from './kill-plan.js';
import { processesOf, writtenAt } from './left-behind.js';
import { SeededRandom } from './seeded-random.js';
import { WorkerLife } from './worker-life.js';

const { CRASH_SEED = String(Date.now() % 1_000_000), CRASH_ROUNDS = '50' } = process.env;
const ROUNDS = Number(CRASH_ROUNDS);
/** Each worker's clock is so much ahead of the one before: leases and drafts of the dead are given up at once. */
const HOURS_PER_LIFE = 3;
/** In every so many rounds the worker that recovers is killed as well. */
const RECOVERY_KILL_EVERY = 3;
/** T-02 allows for five seconds; a command that nobody ends is done in about one. */
const COMMAND_DIES_WITHIN_MS = 500;
const FEED = repositoryName('feed');

jest.setTimeout(20 * 60_000);

/**
 * A worker is killed with -9 again and again, at instants spread over the whole length of a sync, while the api answers
 * all the time; each time whatever it left is looked at, recovered twice, and taken up by the next worker.
 */
describe(`a worker killed ${String(ROUNDS)} times (CRASH_SEED=${CRASH_SEED})`, () => {
  const random = new SeededRandom(Number(CRASH_SEED));
  const upstream = new ChangingUpstream(random);
  const kills = new Map<string, number>();
  const memory = new WorldMemory();
  let parceler: Parceler;
  let inside: Inside;
  let reader: ContinuousReader;
  let worker: WorkerLife;
  let lives = 0;
  let startMs = 0;
  let frozen: Contents | undefined;
  let removing: Promise<unknown> | undefined;

  const disk = (): string => join(parceler.storage, 'disk');
  const file = (name: string): string => join(parceler.folder, name);

  beforeAll(async () => {
    parceler = await Parceler.create();
    const command = upstream.command(file('heartbeat'), file('overlaps'));
    parceler.must('repository:create', '--name', FEED, '--delay', '0', '--command', command, '--no-sync');
    const secret = parceler.must('system:add', 'box', '--edition', 'community').trim().split('\n').at(-1) ?? '';
    const authorization = `Basic ${Buffer.from(`box:${secret}`).toString('base64')}`;
    inside = await Inside.open(parceler.storage);
    await parceler.serve({ only: 'api' });
    reader = new ContinuousReader(`${parceler.origin}/repository/community/${FEED}`, authorization, upstream);
  });
  afterAll(async () => {
    await reader.stop();
    await worker.stop();
    await inside.close();
    await removing;
    await parceler.dispose();
    upstream.dispose();
  });

  const count = (what: string): unknown => kills.set(what, (kills.get(what) ?? 0) + 1);
  const workersNow = (): Date => new Date(Date.now() + lives * HOURS_PER_LIFE * HOUR);
  const newWorker = (): WorkerLife => new WorkerLife(parceler, (lives += 1) * HOURS_PER_LIFE);

  async function requestRun(): Promise<number> {
    return (await inside.requestRun.run(FEED, { actor: actor('worker', 'crash-test') })).run.id;
  }

  /** A sync that nobody disturbs, by a worker that stays. @returns how long its phases take */
  async function cleanSync(): Promise<ReadonlyMap<Phase, number>> {
    upstream.change();
    const run = await requestRun();
    const phases = await measurePhases(inside.runs, run);
    expect(await inside.runs.find(run)).toMatchObject({ state: 'succeeded' });
    return phases;
  }

  /** Kills the worker, and finds that its command dies too (T-02) and that all that is visible is sound. */
  async function kill(): Promise<void> {
    await worker.kill();
    const killedAt = Date.now();
    const isQuiet = (): boolean => processesOf(disk()).length === 0;
    await until(isQuiet, 5);
    expect(await inside.check(memory, false, workersNow())).toEqual([]);
    await recoverTwice();
    // One that was only being started has shown itself by now.
    expect(writtenAt(file('heartbeat')) - killedAt).toBeLessThan(COMMAND_DIES_WITHIN_MS);
    expect(reader.takeFaults()).toEqual([]);
  }

  /** On a copy of what the dead worker left: nothing is left behind, and a second recovery changes nothing (I-25). */
  async function recoverTwice(): Promise<void> {
    const copy = file(`copy-${String(lives)}`);
    await removing;
    inside.copyTo(copy);
    const clock = fixedClock(new Date(Date.now() + (lives + 1) * HOURS_PER_LIFE * HOUR));
    const recovered = async (isFirst: boolean): Promise<readonly string[]> => {
      const other = await Inside.open(copy, clock);
      try {
        await other.recover();
        if (isFirst) expect(await other.check(memory.copy(), true)).toEqual([]);
        return await other.state();
      } finally {
        await other.close();
      }
    };
    const first = await recovered(true);
    expect(await recovered(false)).toEqual(first);
    removing = promisify(execFile)('rm', ['-r', copy]); // takes longer than all the rest
  }

  /** Kills workers while they start, recover and take the run up again, then lets one finish it. */
  async function recover(run: number, round: number): Promise<void> {
    if (round % RECOVERY_KILL_EVERY === 0) {
      worker = newWorker();
      await pause(random.next() * startMs * 1.3);
      count('in recovery');
      await kill();
    }
    worker = newWorker();
    await worker.ready;
    await until(async () => (await phaseNow(inside.runs, run)) === 'ended', 60);
    expect(await inside.runs.find(run)).toMatchObject({ state: 'succeeded' });
  }

  async function round(instant: Instant, number: number): Promise<void> {
    upstream.change();
    const run = await requestRun();
    await untilInstant(inside.runs, run, instant);
    count(await phaseNow(inside.runs, run));
    await kill();
    await recover(run, number);
    expect(await inside.check(memory, true, workersNow())).toEqual([]);
    await expectServed(frozen ?? upstream.latest);
  }

  /** The api sees what another process has made within a second (T-12). */
  async function expectServed(version: Contents): Promise<void> {
    const isServed = async (): Promise<boolean> =>
      (await reader.contents(['VERSION'])).get('VERSION') === version.get('VERSION');
    await until(isServed, 2);
    expect(reader.takeFaults()).toEqual([]);
  }

  it('keeps every promise each time', async () => {
    const begin = performance.now();
    worker = newWorker();
    await worker.ready;
    startMs = performance.now() - begin;
    await cleanSync();
    reader.start();
    const phases = shortest([await cleanSync(), await cleanSync(), await cleanSync()]);
    for (const [index, instant] of spreadOver(phases, ROUNDS, random).entries()) {
      // For a third of the time an operator's freeze holds what is served, and keeps it from being pruned (I-05, I-11).
      if (index === Math.floor(ROUNDS / 3)) freeze();
      if (index === Math.floor((ROUNDS * 2) / 3)) unfreeze();
      await round(instant, index + 1);
    }
    report(phases);
    for (const phase of ['syncing', 'taking snapshot']) expect(kills.get(phase) ?? 0).toBeGreaterThan(ROUNDS / 10);
  });

  function freeze(): void {
    frozen = upstream.latest;
    byOperator('repository:freeze');
  }

  function unfreeze(): void {
    frozen = undefined;
    byOperator('repository:unfreeze');
  }

  /** At the workers' time: what was served until now is kept for a day from then on (I-05). */
  function byOperator(command: string): void {
    const { status, stderr } = parceler.run([command, FEED], { env: hoursLater(lives * HOURS_PER_LIFE) });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  }

  it('serves in the end exactly what upstream has', async () => {
    expect(await reader.contents(upstream.latest.keys())).toEqual(upstream.latest);
    const listed = parceler.json<{ path: string; sha256: string }[]>('repository:files', FEED);
    expect(new Map(listed.map(({ path, sha256 }) => [path, sha256]))).toEqual(upstream.latest);
  });

  it('has run no two commands at once, and left no process behind (I-12)', async () => {
    await worker.stop();
    expect(existsSync(file('overlaps'))).toBe(false);
    expect(processesOf(disk())).toEqual([]);
  });

  it('has left nothing that is not collected: what is needed, and no more (I-15)', async () => {
    const blobs = (): readonly string[] =>
      readdirSync(join(disk(), 'blobs'), { recursive: true, encoding: 'utf8' }).filter((name) => name.includes('/'));
    expect(blobs().filter((name) => !upstream.everHad(basename(name)))).toEqual([]);
    // Marked in one collection, removed in the next.
    for (const hours of [30, 60]) collectGarbage(lives * HOURS_PER_LIFE + hours);
    expect(new Set(blobs().map((name) => basename(name)))).toEqual(await inside.neededBlobs());
    expect(await inside.check(memory, true, workersNow())).toEqual([]);
  });

  function collectGarbage(hours: number): void {
    const { status, stderr } = parceler.run(['garbage:collect'], { env: hoursLater(hours) });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  }

  it('has asked for its files all the while', async () => {
    await reader.stop();
    expect(reader.takeFaults()).toEqual([]);
    expect(reader.answers).toBeGreaterThan(ROUNDS * 20);
  });

  function report(phases: ReadonlyMap<Phase, number>): void {
    const of = (numbers: ReadonlyMap<string, number>, unit: string): string =>
      [...numbers].map(([name, value]) => `${name} ${value.toFixed(0)}${unit}`).join(', ');
    process.stderr.write(
      `crash test, seed ${CRASH_SEED}: a clean sync takes ${of(phases, ' ms')}; kills: ${of(kills, '')}; ` +
        `${String(lives)} workers; ${String(reader.answers)} answers\n`,
    );
  }
});
