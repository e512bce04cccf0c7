import { existsSync } from 'node:fs';

const LIBRARY = '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1';

/** The environment in which a program believes that so many days have passed (Debian's libfaketime). */
export const daysLater = (days: number): Readonly<Record<string, string>> => later(`${String(days)}d`);

/** As `daysLater`; files show their true times. */
export const hoursLater = (hours: number): Readonly<Record<string, string>> => ({
  ...later(`${String(hours)}h`),
  NO_FAKE_STAT: '1',
});

function later(offset: string): Readonly<Record<string, string>> {
  if (!existsSync(LIBRARY))
    throw new Error('install faketime (test/system-packages.txt): the clock cannot be moved without it');
  return { LD_PRELOAD: LIBRARY, FAKETIME: `+${offset}`, FAKETIME_DONT_FAKE_MONOTONIC: '1' };
}
