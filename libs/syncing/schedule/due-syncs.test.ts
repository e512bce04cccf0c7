import { repositoryName } from '#libs/kernel/ids.js';

import { dueSync, nextSync } from './due-syncs.js';

const times = { schedule: '0 0 * * *', timezone: 'Europe/Rome' };
const repository = (schedule?: string, createdAt = '2026-01-01T00:00:00Z') => ({
  name: repositoryName('debian'),
  schedule,
  createdAt: new Date(createdAt),
});
const now = new Date('2026-03-10T12:00:00Z');

describe('dueSync', () => {
  it('is the latest one by the clock of the zone, under a key of its own', () => {
    expect(dueSync(repository(), times, now)).toEqual({
      at: new Date('2026-03-09T23:00:00Z'),
      local: '2026-03-10T00:00',
      dueKey: 'schedule:debian:2026-03-10T00:00',
    });
  });

  it("goes by the repository's own schedule when it has one", () => {
    expect(dueSync(repository('0 6 * * *'), times, now)).toMatchObject({ local: '2026-03-10T06:00' });
  });

  it.each([
    ['2026-03-09T23:00:00.000Z', true],
    ['2026-03-09T23:00:00.001Z', false],
  ])('of a repository created at %s: due is %s', (createdAt, due) => {
    expect(dueSync(repository(undefined, createdAt), times, now) !== undefined).toBe(due);
  });

  it('is not there when the schedule names no time', () => {
    expect(dueSync(repository('0 0 30 2 *'), times, now)).toBeUndefined();
  });
});

it('nextSync says when the next one will be', () => {
  expect(nextSync(repository(), times, now)).toEqual(new Date('2026-03-10T23:00:00Z'));
  expect(nextSync(repository('0 14 * * *'), times, now)).toEqual(new Date('2026-03-10T13:00:00Z'));
});
