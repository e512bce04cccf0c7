import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { until } from '#libs/kernel/testing/until.js';
import { silentLog } from '#libs/observability/log.js';

import { keepBeating } from './heartbeat.js';

describe('a heartbeat', () => {
  let folder: string;
  let file: string;
  let answers: (() => Promise<boolean>)[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'heartbeat-'));
    file = join(folder, 'beat');
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
    rmSync(folder, { recursive: true, force: true });
  });

  const well = (): Promise<boolean> => Promise.resolve(true);
  const unwell = (): Promise<boolean> => Promise.resolve(false);
  const broken = (): Promise<boolean> => Promise.reject(new Error('closed'));
  const begin = (...all: (() => Promise<boolean>)[]): Promise<void> => {
    answers = all;
    return keepBeating({ file, isWell: () => answers.shift()?.() ?? unwell() }, silentLog);
  };
  /** The next ten seconds, until somebody has asked and the answer has had its effect. */
  const nextBeat = async (): Promise<void> => {
    const left = answers.length - 1;
    const waiting = jest.getTimerCount();
    jest.advanceTimersByTime(10_000);
    await until(() => answers.length === left && jest.getTimerCount() === waiting);
  };

  it('is there from the start, and written again every ten seconds', async () => {
    await begin(well, well);
    expect(existsSync(file)).toBe(true);
    rmSync(file);
    jest.advanceTimersByTime(9_999);
    expect([existsSync(file), answers.length]).toEqual([false, 1]);
    await nextBeat();
    expect(existsSync(file)).toBe(true);
  });

  it.each([
    ['is not well', unwell],
    ['cannot say', broken],
  ])('is left alone while the program %s, and goes on after that', async (_, answer) => {
    await begin(answer, answer, well);
    await nextBeat();
    expect(existsSync(file)).toBe(false);
    await nextBeat();
    expect(existsSync(file)).toBe(true);
  });

  it('that cannot be written stops nothing', async () => {
    rmSync(folder, { recursive: true });
    await begin(well, well);
    await nextBeat();
    expect(jest.getTimerCount()).toBe(1);
    expect(existsSync(folder)).toBe(false);
  });
});
