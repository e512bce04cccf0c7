import { readFileSync } from 'node:fs';

import { systemCode } from './system-code.js';

const thrownBy = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return error;
  }
};

describe('systemCode', () => {
  it.each<[string, unknown, string]>([
    ['an error of the system', thrownBy(() => readFileSync('/nowhere')), 'ENOENT'],
    ['an error of a driver', { code: 'SQLITE_BUSY' }, 'SQLITE_BUSY'],
    ['an error without a code', new Error('x'), ''],
    ['a code that is a number', { code: 5 }, ''],
    ['a text', 'ENOENT', ''],
    ['null', null, ''],
    ['nothing', undefined, ''],
  ])('of %s', (_, error, code) => {
    expect(systemCode(error)).toBe(code);
  });
});
