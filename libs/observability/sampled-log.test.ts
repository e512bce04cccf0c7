import { MINUTE } from '#libs/kernel/duration.js';

import { type LineKind, SampledLog } from './sampled-log.js';
import { RecordedLog } from './testing/recorded-log.js';

const refused: LineKind = { level: 'info', message: 'file request', kind: 404 };

describe('SampledLog', () => {
  let log: RecordedLog;
  let sampled: SampledLog;
  beforeEach(() => {
    jest.useFakeTimers();
    log = new RecordedLog();
    sampled = new SampledLog(log, { lines: 3, windowMs: MINUTE });
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  const write = (count: number, line = refused): void => {
    for (let i = 0; i < count; i += 1) sampled.write(line, () => ({ i }));
  };

  it('writes the first lines of a minute, and then in one line how many more there were (T-141)', () => {
    write(1_000);
    expect(log.lines.map(({ fields }) => fields)).toEqual([{ i: 0 }, { i: 1 }, { i: 2 }]);
    jest.advanceTimersByTime(MINUTE);
    expect(log.lines.slice(3)).toEqual([
      { level: 'info', message: 'alike lines left out', fields: { line: 'file request', kind: 404, count: 997 } },
    ]);
  });

  it('begins anew after that, and says nothing of a minute in which nothing was left out', () => {
    write(3);
    jest.advanceTimersByTime(MINUTE);
    write(3);
    jest.advanceTimersByTime(MINUTE);
    expect(log.lines).toHaveLength(6);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('counts each kind apart, and at its own level', () => {
    write(5);
    write(5, { ...refused, level: 'error', kind: 503 });
    sampled.end();
    expect(log.of('alike lines left out')).toEqual([
      { line: 'file request', kind: 404, count: 2 },
      { line: 'file request', kind: 503, count: 2 },
    ]);
    expect(log.lines.filter(({ level }) => level === 'error')).toHaveLength(4);
  });

  it('does not even ask for the fields of a line that it leaves out', () => {
    const fields = jest.fn(() => ({}));
    for (let i = 0; i < 10; i += 1) sampled.write(refused, fields);
    expect(fields).toHaveBeenCalledTimes(3);
  });

  it('keeps nothing waiting at the end', () => {
    write(4);
    sampled.end();
    sampled.end();
    expect(log.of('alike lines left out')).toHaveLength(1);
    expect(jest.getTimerCount()).toBe(0);
  });
});
