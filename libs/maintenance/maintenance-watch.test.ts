import { RecordedLog } from '#libs/observability/testing/recorded-log.js';

import { MaintenanceWatch } from './maintenance-watch.js';
import { USUAL_ANSWER, type Maintenance } from './maintenance.js';

const maintenance = (episode: string): Maintenance => ({
  ...USUAL_ANSWER,
  episode,
  since: new Date('2026-03-10T00:00:00Z'),
  word: undefined,
});

describe('MaintenanceWatch', () => {
  let kept: Maintenance | undefined;
  let version: number;
  let failing: boolean;
  let reads: number;
  let log: RecordedLog;
  let watch: MaintenanceWatch;
  beforeEach(() => {
    jest.useFakeTimers();
    [kept, version, failing, reads, log] = [undefined, 1, false, 0, new RecordedLog()];
    const find = async () => {
      reads += 1;
      if (failing) throw new Error('no database');
      return kept && { ...kept };
    };
    watch = new MaintenanceWatch({ find }, { version: () => version }, log);
  });
  afterEach(() => {
    watch.stop();
    jest.useRealTimers();
  });

  const commit = (now: Maintenance | undefined): void => {
    kept = now;
    version += 1;
  };
  const second = () => jest.advanceTimersByTimeAsync(1_000);
  const lines = () => log.lines.map(({ message }) => message);

  it('knows how things stand once it is started (T-143)', async () => {
    commit(maintenance('first'));
    await watch.start();
    expect(watch.current).toEqual(maintenance('first'));
  });

  it('sees within a second what begins, changes and ends, and tells it once (T-143)', async () => {
    await watch.start();
    const told: (string | undefined)[] = [];
    watch.onChange(() => told.push(watch.current?.episode));
    for (const now of [maintenance('first'), maintenance('first'), maintenance('second'), undefined, undefined]) {
      commit(now);
      await second();
      expect(watch.current).toEqual(now);
    }
    expect(told).toEqual(['first', 'second', undefined]);
    expect(lines()).toEqual(['maintenance is on', 'maintenance is on', 'maintenance has ended']);
  });

  it('asks nobody while nothing is committed, and keeps the same object while it says the same', async () => {
    commit(maintenance('first'));
    await watch.start();
    const { current } = watch;
    await jest.advanceTimersByTimeAsync(60_000);
    expect(reads).toBe(1);
    commit(maintenance('first'));
    await second();
    expect(reads).toBe(2);
    expect(watch.current).toBe(current);
  });

  it('goes by what it knew last while the database does not answer, and catches up', async () => {
    commit(maintenance('first'));
    await watch.start();
    failing = true;
    commit(undefined);
    await second();
    expect(watch.current).toEqual(maintenance('first'));
    failing = false;
    await second();
    expect(watch.current).toBeUndefined();
    expect(lines()).toEqual([
      'maintenance is on',
      'maintenance cannot be looked up',
      'maintenance has ended',
      'maintenance can be looked up again',
    ]);
  });

  it('does not start when it cannot know', async () => {
    failing = true;
    await expect(watch.start()).rejects.toThrow('no database');
  });

  it('looks no more when it is stopped', async () => {
    await watch.start();
    watch.stop();
    commit(maintenance('first'));
    await second();
    expect(watch.current).toBeUndefined();
  });
});
