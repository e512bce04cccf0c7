import { type AppError, messageOf } from '#libs/kernel/errors.js';

import { explainFileError } from './file-errors.js';

describe('explainFileError (T-31)', () => {
  const failure = (code: string) => Object.assign(new Error('from the system'), { code });

  it.each([
    ['EACCES', 'DATABASE_NOT_WRITABLE'],
    ['EPERM', 'DATABASE_NOT_WRITABLE'],
    ['EROFS', 'DATABASE_NOT_WRITABLE'],
    ['ENOENT', 'DATABASE_NO_FOLDER'],
    ['ENOSPC', 'DATABASE_FULL'],
  ])('turns %s into %s, names the path and the way out', (errno, code) => {
    const error = failure(errno);
    const explained = explainFileError(error, '/data/parceler.sqlite');
    expect(explained).toMatchObject({ kind: 'unavailable', code, cause: error });
    expect(messageOf(explained)).toContain('/data/parceler.sqlite');
    expect((explained as AppError).hint).toMatch(/\.$/);
  });

  it('leaves what it does not know', () => {
    const error = failure('EIEIO');
    expect(explainFileError(error, '/data/parceler.sqlite')).toBe(error);
  });
});
