import { AppError } from '#libs/kernel/errors.js';
import { repositoryName } from '#libs/kernel/ids.js';

import { commandFailure, MOST_ATTEMPTS, outcomeOfError } from './outcome-of.js';

const debian = repositoryName('debian');
const limits = { timeoutMs: 6 * 3_600_000, idleTimeoutMs: 600_000 };

describe('commandFailure', () => {
  it.each([
    [{ kind: 'exited', code: 3 } as const, 'SYNC_FAILED', 'The sync command of "debian" failed with exit code 3.'],
    [
      { kind: 'killed', signal: 'SIGSEGV' } as const,
      'SYNC_FAILED',
      'The sync command of "debian" was killed by SIGSEGV.',
    ],
    [{ kind: 'timed-out', after: 'total' } as const, 'SYNC_TIMED_OUT', expect.stringContaining('within 6h') as string],
    [{ kind: 'timed-out', after: 'idle' } as const, 'SYNC_TIMED_OUT', expect.stringContaining('for 10m') as string],
    [{ kind: 'locked' } as const, 'SYNC_LOCKED', 'An earlier sync command of "debian" is still running.'],
    [
      { kind: 'not-started', cause: new Error('ENOMEM') } as const,
      'SYNC_NOT_STARTED',
      'The sync command of "debian" could not be started.',
    ],
  ])('of %j is %s', (outcome, code, message) => {
    expect(commandFailure(debian, outcome, limits)).toMatchObject({
      code,
      message,
      hint: expect.any(String) as string,
    });
  });

  it('is not there for exit code 0', () => {
    expect(commandFailure(debian, { kind: 'exited', code: 0 }, limits)).toBeUndefined();
  });
});

describe('outcomeOfError', () => {
  const error = (code: string) => new AppError('conflict', code, `It is ${code}.`, { hint: 'Do something.' });
  const broken = new Error('the database said: secret');

  it.each([
    // error, why it was aborted, attempt, state, code
    [error('SYNC_FAILED'), undefined, 1, 'failed', 'SYNC_FAILED'],
    [error('DISK_FULL'), undefined, 1, 'failed', 'DISK_FULL'],
    [broken, undefined, 1, 'failed', 'RUN_BROKEN'],
    [broken, error('RUN_CANCELLED'), 1, 'cancelled', 'RUN_CANCELLED'],
    [error('RUN_CANCELLED'), undefined, 1, 'cancelled', 'RUN_CANCELLED'],
    [error('SYNC_LOCKED'), undefined, MOST_ATTEMPTS, 'failed', 'SYNC_LOCKED'],
  ])('of %s, aborted for %s in attempt %d, is %s (%s)', (thrown, abortedFor, attempt, state, errorCode) => {
    expect(outcomeOfError(thrown, abortedFor, attempt)).toMatchObject({
      kind: 'ended',
      outcome: { state, errorCode, error: expect.not.stringContaining('secret') as string },
    });
  });

  it.each([
    [broken, 'worker-stopping', 0],
    [broken, 'claim-lost', 0],
    [broken, error('LEASE_LOST'), 10_000],
    [error('LEASE_LOST'), undefined, 10_000],
    [error('SYNC_LOCKED'), undefined, 15_000],
  ])('of %s, aborted for %s, is another attempt after %d ms', (thrown, abortedFor, delayMs) => {
    expect(outcomeOfError(thrown, abortedFor, 1)).toMatchObject({ kind: 'again', delayMs });
  });
});
