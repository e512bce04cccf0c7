import { type ChildProcess } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { until } from '#libs/kernel/testing/until.js';

import { Parceler } from '../support/parceler.js';
import { PlainUpstream } from '../support/plain-upstream.js';
import { SharedServices } from '../support/shared-services.js';

jest.setTimeout(240_000); // six real processes on three real servers

const REPOSITORIES = ['alpha', 'beta', 'gamma', 'delta'];
type Program = 'api' | 'worker' | 'scheduler';
/** What is promised of a flushed Redis, and of a worker that dies. */
const HEALED_WITHIN = 60; // seconds
const TAKEN_UP_WITHIN = 45;
/** What starting and asking takes on a busy machine, on top. */
const SLOWLY = 15;

interface RunRow {
  readonly id: number;
  readonly repository: string;
  readonly state: string;
  readonly attempt: number;
}

interface SnapshotRow {
  readonly id: string;
  readonly served: boolean;
}

type Machine = Readonly<Record<Program, ChildProcess>>;

/** Two machines with an api, a worker and a scheduler each, on one PostgreSQL, one Redis and one bucket. */
describe('several machines', () => {
  const upstream = new PlainUpstream();
  let services: SharedServices;
  let one: Parceler;
  let other: Parceler;
  let machines: readonly [Machine, Machine];

  beforeAll(async () => {
    mkdirSync(logs);
    services = await SharedServices.start();
    [one, other] = [await Parceler.create(services.environment), await Parceler.create(services.environment)];
    for (const name of REPOSITORIES) {
      upstream.write(`${name}/package`, `${name} 1`);
      one.must('repository:create', '--name', name, '--delay', '0', '--no-sync', '--command', commandOf(name));
    }
    one.run(['system:add', 'box', '--edition', 'community', '--secret-stdin'], { input: 'open sesame' });
    machines = [await start(one), await start(other)];
  });
  afterAll(async () => {
    await Promise.all([one.dispose(), other.dispose()]);
    await services.stop();
    upstream.dispose();
    rmSync(logs, { recursive: true, force: true });
  });

  const logs = `${upstream.folder}.log`;
  /** Says when it begins and ends, and waits in between while there is a file `<name>.wait`. */
  const commandOf = (name: string): string =>
    [
      `echo begin >> ${logs}/${name}`,
      `while [ -e ${logs}/${name}.wait ]; do sleep 0.1; done`,
      `rsync -a --delete ${upstream.folder}/${name}/ "$SOURCE_DIR"/`,
      `echo end >> ${logs}/${name}`,
    ].join(' && ');
  const logOf = (name: string): string => readFileSync(join(logs, name), 'utf8');

  async function start(machine: Parceler): Promise<Machine> {
    const [api, worker, scheduler] = [
      await machine.serve({ only: 'api' }),
      await machine.serve({ only: 'worker' }),
      await machine.serve({ only: 'scheduler' }),
    ];
    return { api, worker, scheduler };
  }

  async function served(machine: Parceler, name: string): Promise<string> {
    const authorization = `Basic ${btoa('box:open sesame')}`;
    const answer = await fetch(`${machine.origin}/repository/community/${name}/package`, {
      headers: { authorization, 'User-Agent': 'uclient-fetch' },
    });
    return `${String(answer.status)} ${await answer.text()}`;
  }

  const runs = (): readonly RunRow[] => one.json('run:list', '--limit', '100');
  const snapshots = (name: string): readonly SnapshotRow[] => one.json('repository:snapshots', name);
  /** No command began before the one before it had ended, or was killed (I-12). */
  const isOneAtATime = (name: string): boolean => /^(?:begin\n(?:end\n)?)*$/.test(logOf(name));

  it('syncs wherever a worker is free, and serves the same everywhere', async () => {
    const early = REPOSITORIES.slice(0, 2);
    for (const name of early) writeFileSync(join(logs, `${name}.wait`), '');
    one.must('repository:sync', ...early);
    expect(other.must('repository:sync', '--all').match(/joined the open run/g)).toHaveLength(early.length);
    for (const name of early) rmSync(join(logs, `${name}.wait`));
    await until(() => runs().every(({ state }) => state === 'succeeded'));
    expect(runs()).toHaveLength(REPOSITORIES.length);
    for (const name of REPOSITORIES) {
      expect(logOf(name)).toBe('begin\nend\n');
      expect(snapshots(name)).toHaveLength(1);
      for (const machine of [one, other]) expect(await served(machine, name)).toBe(`200 ${name} 1`);
    }
  });

  it('follows everywhere within a second what is done on one of them', async () => {
    const [before] = snapshots('alpha');
    other.must('repository:freeze', 'alpha');
    upstream.write('alpha/package', 'alpha 2');
    one.must('repository:sync', 'alpha', '--wait');
    expect(await served(other, 'alpha')).toBe('200 alpha 1');
    one.must('repository:unfreeze', 'alpha');
    await until(async () => (await served(other, 'alpha')) === '200 alpha 2', 1);
    expect(snapshots('alpha').find(({ id }) => id === before?.id)?.served).toBe(false);
    other.must('repository:milestone', 'beta', '--wait');
    one.must('down');
    await until(async () => (await served(other, 'alpha')).startsWith('503'), 1);
    other.must('up');
    await until(async () => (await served(one, 'alpha')).startsWith('200'), 1);
  });

  it('takes up on another machine what a killed worker had begun, and nothing is done twice (I-12, T-02)', async () => {
    await other.stop(machines[1].worker); // so that the first machine's begins
    writeFileSync(join(logs, 'gamma.wait'), '');
    const lines = logOf('gamma');
    one.must('repository:sync', 'gamma');
    await until(() => logOf('gamma') !== lines);
    machines = [machines[0], { ...machines[1], worker: await other.serve({ only: 'worker' }) }];
    for (const pid of withChildren(machines[0].worker.pid ?? 0)) process.kill(pid, 'SIGKILL');
    rmSync(join(logs, 'gamma.wait'));
    const run = () => runs().find(({ repository }) => repository === 'gamma');
    await until(() => run()?.state === 'succeeded', TAKEN_UP_WITHIN + SLOWLY);
    expect(run()).toMatchObject({ attempt: 2 });
    expect(isOneAtATime('gamma')).toBe(true);
    expect(snapshots('gamma')).toHaveLength(2);
    machines = [{ ...machines[0], worker: await one.serve({ only: 'worker' }) }, machines[1]];
  });

  it('heals when Redis has lost everything, within a minute (T-53)', async () => {
    for (const { worker } of machines) await (worker === machines[0].worker ? one : other).stop(worker);
    for (const name of REPOSITORIES) upstream.write(`${name}/package`, `${name} 3`);
    one.must('repository:sync', '--all');
    await services.flushRedis();
    const [first, second] = [await one.serve({ only: 'worker' }), await other.serve({ only: 'worker' })];
    machines = [
      { ...machines[0], worker: first },
      { ...machines[1], worker: second },
    ];
    await until(() => runs().every(({ state }) => state === 'succeeded'), HEALED_WITHIN + SLOWLY);
    for (const name of REPOSITORIES) {
      expect(isOneAtATime(name)).toBe(true);
      for (const machine of [one, other]) expect(await served(machine, name)).toBe(`200 ${name} 3`);
    }
  });

  it('has lost nothing and doubled nothing in the end', async () => {
    const all = runs();
    expect(new Set(all.map(({ state }) => state))).toEqual(new Set(['succeeded']));
    const expected = REPOSITORIES.length + 1 + 1 + 1 + REPOSITORIES.length; // all, alpha, beta's milestone, gamma, all
    expect(all).toHaveLength(expected);
    for (const name of REPOSITORIES) {
      const list = one.json<SnapshotRow[]>('repository:snapshots', name, '--all');
      expect(list).toHaveLength(all.filter(({ repository }) => repository === name).length);
    }
    expect(other.run(['doctor']).stdout).toBe('Nothing wrong was found.\n');
    for (const machine of [one, other]) await machine.stopAll();
    expect(`${one.output}${other.output}`).not.toContain('"level":"error"');
  });
});

/** A supervisor, and the programs that it runs. */
function withChildren(pid: number): readonly number[] {
  const children = readFileSync(`/proc/${String(pid)}/task/${String(pid)}/children`, 'utf8').trim();
  const all = children === '' ? [] : children.split(' ').map(Number);
  return [pid, ...all.flatMap(withChildren)];
}
