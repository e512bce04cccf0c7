import { spawn, type ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';

import { SECOND } from '#libs/kernel/duration.js';

import { type Program } from './program-files.js';
import { Supervisor } from './supervisor.js';

/** A program of the test's own, that becomes ready and ends when it is told to. */
class TestProgram extends EventEmitter {
  readonly pid = 1;
  readonly signals: NodeJS.Signals[] = [];

  becomeReady(): void {
    this.emit('message', 'ready');
  }

  end(code: number | null, signal: NodeJS.Signals | null = null): void {
    this.emit('exit', code, signal);
  }

  kill(signal: NodeJS.Signals): boolean {
    this.signals.push(signal);
    return true;
  }
}

/** What the system says when it has no process left. */
const noProcess = new Error('spawn node EAGAIN');

describe('Supervisor', () => {
  let started: { readonly program: Program; readonly process: TestProgram }[];
  let notices: string[];
  let launch: (program: Program) => ChildProcess;
  beforeEach(() => {
    jest.useFakeTimers();
    [started, notices] = [[], []];
    launch = (program) => {
      const process = new TestProgram();
      started.push({ program, process });
      return process as unknown as ChildProcess;
    };
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  const supervise = (...programs: readonly Program[]) => {
    const supervisor = new Supervisor(
      programs,
      (line) => notices.push(line),
      (program) => launch(program),
    );
    return { supervisor, ended: supervisor.run() };
  };
  const startedPrograms = () => started.map(({ program }) => program);
  const newest = (): TestProgram => {
    const last = started.at(-1);
    if (last === undefined) throw new Error('nothing was started');
    return last.process;
  };

  it('starts the first alone, and the others once it is ready', () => {
    supervise('api', 'scheduler', 'worker');
    expect(startedPrograms()).toEqual(['api']);
    newest().becomeReady();
    expect(startedPrograms()).toEqual(['api', 'scheduler', 'worker']);
  });

  it('ends them all when one cannot even start, with its status', async () => {
    const { ended } = supervise('api', 'worker');
    newest().end(6);
    expect(await ended).toBe(6);
    expect(startedPrograms()).toEqual(['api']);
  });

  it('starts one again that crashed after it was ready, after pauses that double, also when it gets no further', () => {
    supervise('api');
    newest().becomeReady();
    newest().end(null, 'SIGKILL');
    expect(notices).toEqual(['api ended (SIGKILL); starting it again in 1 s']);
    jest.advanceTimersByTime(SECOND);
    newest().end(1);
    expect(notices.at(-1)).toBe('api ended (status 1); starting it again in 2 s');
    jest.advanceTimersByTime(2 * SECOND - 1);
    expect(started).toHaveLength(2);
    jest.advanceTimersByTime(1);
    expect(started).toHaveLength(3);
  });

  it.each([
    [
      'says so at once',
      () => {
        throw noProcess;
      },
    ],
    [
      'says so later',
      () => {
        const child = new EventEmitter();
        process.nextTick(() => child.emit('error', noProcess));
        return child as ChildProcess;
      },
    ],
  ])('tries again, for as long as it takes, when the system has no process left and %s', async (_, failing) => {
    const working = launch;
    launch = failing;
    supervise('api', 'worker');
    for (const pause of ['1', '2', '4']) {
      await jest.advanceTimersByTimeAsync(0);
      expect(notices.at(-1)).toBe(`api could not be started (spawn node EAGAIN); starting it again in ${pause} s`);
      if (pause === '4') launch = working;
      await jest.advanceTimersByTimeAsync(Number(pause) * SECOND);
    }
    expect(startedPrograms()).toEqual(['api']);
    newest().becomeReady();
    expect(startedPrograms()).toEqual(['api', 'worker']);
  });

  it('ends them all when one that was waited for a process cannot start then', async () => {
    const working = launch;
    launch = () => {
      throw noProcess;
    };
    const { ended } = supervise('api');
    launch = working;
    jest.advanceTimersByTime(SECOND);
    newest().end(2);
    expect(await ended).toBe(2);
  });

  it('ends while it waits for a process', async () => {
    launch = () => {
      throw noProcess;
    };
    const { supervisor, ended } = supervise('api');
    supervisor.stop();
    expect(await ended).toBe(0);
  });

  it('does not take a signal that did not arrive for an end', () => {
    supervise('api');
    newest().becomeReady();
    newest().emit('error', new Error('kill EPERM'));
    expect(notices).toEqual([]);
  });

  it('passes on that it is to stop, and waits for the end', async () => {
    const { supervisor, ended } = supervise('api', 'worker');
    newest().becomeReady();
    supervisor.stop();
    expect(started.map(({ process }) => process.signals)).toEqual([['SIGTERM'], ['SIGTERM']]);
    for (const { process } of started) process.end(0);
    expect(await ended).toBe(0);
  });

  it('knows a child that was never started as Node shows it', async () => {
    jest.useRealTimers();
    const child = spawn('/nothing/here');
    const [error] = (await once(child, 'error')) as [Error];
    expect(error.message).toContain('ENOENT');
    expect(child.pid).toBeUndefined();
  });
});
