import { statSync } from 'node:fs';

import { AppError, isAppError, messageOf } from './errors.js';

it('keeps code, kind, hint and cause, and is told by its code', () => {
  const cause = new Error('EIO');
  const error = new AppError('unavailable', 'DISK_FAILED', 'The disk failed.', { hint: 'Look at the log.', cause });
  expect(error).toMatchObject({ kind: 'unavailable', code: 'DISK_FAILED', hint: 'Look at the log.', cause });
  expect(isAppError(error)).toBe(true);
  expect(isAppError(error, 'DISK_FAILED')).toBe(true);
  expect(isAppError(error, 'DISK_FULL')).toBe(false);
  expect(isAppError(cause)).toBe(false);
});

function thrown(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}

it.each<[string, unknown, string]>([
  ['an error', new Error('no'), 'no'],
  ['a system error', thrown(() => statSync('/nowhere')), "ENOENT: no such file or directory, stat '/nowhere'"],
  ['a string', 'no', 'no'],
  ['nothing', undefined, 'undefined'],
  ['an odd object', { message: 7 }, '[object Object]'],
])('tells the text of %s', (_, error, text) => {
  expect(messageOf(error)).toBe(text);
});
