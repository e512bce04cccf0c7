import fc from 'fast-check';

import { isAppError } from '#libs/kernel/errors.js';

import { cronExpression } from './cron-expression.js';

describe('cronExpression', () => {
  it.each([
    ['0 0 * * *', '0 0 * * *'],
    ['  */15   2-4 * *\tMON ', '*/15 2-4 * * MON'],
    ['0 0 29 2 *', '0 0 29 2 *'],
  ])('takes "%s" as "%s"', (text, expression) => {
    expect(cronExpression(text)).toBe(expression);
  });

  it.each([
    ['', 'does not have five fields'],
    ['* * * * * *', 'does not have five fields'],
    ['0 0 * *', 'does not have five fields'],
    ['@daily', 'does not have five fields'],
    ['2026-01-01T00:00:00', 'does not have five fields'],
    ['2026-01-01T00:00:00 * * * *', 'is not understood'],
    ['61 * * * *', 'is not understood'],
    ['a b c d e', 'is not understood'],
    ['0 0 31 2 *', 'names a date that never comes'],
  ])('refuses "%s": it %s', (text, problem) => {
    expect(() => cronExpression(text)).toThrow(
      expect.objectContaining({
        kind: 'invalid',
        code: 'INVALID_SCHEDULE',
        message: expect.stringContaining(problem) as string,
      }),
    );
  });

  it('refuses or takes any text, and nothing else happens', () => {
    const parts = fc.constantFrom('*', '/', '-', ',', '0', '7', '99', ' ', 'L', '#', 'MON', '?', 'W', ':');
    fc.assert(
      fc.property(
        fc.array(parts, { maxLength: 16 }).map((chosen) => chosen.join('')),
        (text) => {
          expect(['taken', 'INVALID_SCHEDULE']).toContain(outcomeOf(text));
        },
      ),
      { numRuns: 200 },
    );
  });
});

function outcomeOf(text: string): string {
  try {
    cronExpression(text);
    return 'taken';
  } catch (error) {
    if (!isAppError(error)) throw error;
    return error.code;
  }
}
