import { EventEmitter } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';

import { AppError, type ErrorKind } from '#libs/kernel/errors.js';
import { silentLog } from '#libs/observability/log.js';

import { ENDING_SIGNALS } from './ending-signals.js';
import { runProgram, type Host, type RunningProgram } from './run-program.js';

/** A process that notes what becomes of it, and goes on. */
class FakeHost extends EventEmitter {
  readonly exits: number[] = [];
  readonly written: string[] = [];
  readonly sent: unknown[] = [];
  readonly stderr = { write: (text: string) => this.written.push(text) };
  readonly exit = (code: number) => this.exits.push(code);
  readonly send = (message: unknown) => this.sent.push(message);
}

describe('runProgram', () => {
  let host: FakeHost;
  let stop: jest.Mock<Promise<void>>;
  beforeEach(() => {
    host = new FakeHost();
    stop = jest.fn(() => Promise.resolve());
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  const run = (start: () => Promise<RunningProgram>, longestStopMs?: number) =>
    runProgram(start, { longestStopMs }, host as unknown as Host);
  const starting = (done?: Promise<void>) => () => Promise.resolve({ log: silentLog, stop, done });
  const never = () => new Promise<never>(jest.fn());

  it('tells the supervisor when it is ready, and goes on', async () => {
    await run(starting());
    expect(host.sent).toEqual(['ready']);
    expect(host.exits).toEqual([]);
  });

  it.each([...ENDING_SIGNALS, 'disconnect'])('ends in order at %s', async (event) => {
    await run(starting());
    host.emit(event, event);
    expect(host.exits).toEqual([]);
    await turn();
    expect(stop).toHaveBeenCalledTimes(1);
    expect(host.exits).toEqual([0]);
  });

  it('ends at once when nothing is under way yet', async () => {
    void run(never);
    host.emit('SIGTERM', 'SIGTERM');
    expect(host.exits).toEqual([0]);
  });

  it('ends when it is done', async () => {
    await run(starting(Promise.resolve()));
    await turn();
    expect(host.exits).toEqual([0]);
  });

  it('is ended when it takes too long to stop', async () => {
    await run(starting(), 1_000);
    jest.useFakeTimers();
    stop.mockReturnValue(never());
    host.emit('SIGTERM', 'SIGTERM');
    jest.advanceTimersByTime(999);
    expect(host.exits).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(host.exits).toEqual([1]);
  });

  it('ends within a second, to be started anew, when what it stands on was replaced', async () => {
    jest.useFakeTimers();
    let outdated = false;
    await run(() => Promise.resolve({ log: silentLog, stop, isOutdated: () => outdated }));
    jest.advanceTimersByTime(60_000);
    expect(host.exits).toEqual([]);
    outdated = true;
    jest.advanceTimersByTime(1_000);
    expect(host.exits).toEqual([1]);
  });

  it('ends at an error that nobody caught', async () => {
    await run(starting());
    host.emit('uncaughtException', new Error('on purpose'));
    expect(host.exits).toEqual([1]);
  });

  it.each<[ErrorKind, number]>([
    ['invalid', 2],
    ['conflict', 4],
    ['unavailable', 6],
    ['internal', 1],
  ])('says in one line why it cannot start, and ends with the status of %s', async (kind, status) => {
    await run(() => Promise.reject(new AppError(kind, 'THE_CODE', 'It is so.', { hint: 'Do that.' })));
    expect(host.written).toEqual(['error: It is so. Do that. (THE_CODE)\n']);
    expect(host.exits).toEqual([status]);
    expect(host.sent).toEqual([]);
  });

  it('says what was not foreseen, too', async () => {
    await run(() => Promise.reject(new Error('on purpose')));
    expect(host.written).toEqual(['error: on purpose\n']);
    expect(host.exits).toEqual([1]);
  });
});
