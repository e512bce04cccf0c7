import fc from 'fast-check';

import { Secret } from '#libs/config/secret.js';
import { after, HOUR } from '#libs/kernel/duration.js';
import { type AppError } from '#libs/kernel/errors.js';

import { BypassKeys } from './bypass-keys.js';
import { bypassWord } from './bypass-word.js';
import { USUAL_ANSWER, type Maintenance } from './maintenance.js';

const keys = new BypassKeys(new Secret(Buffer.alloc(32, 1)));
const otherKeys = new BypassKeys(new Secret(Buffer.alloc(32, 2)));
const word = bypassWord('let-me-in');
const now = new Date('2026-03-10T00:00:00Z');
const maintenance: Maintenance = { ...USUAL_ANSWER, episode: 'first', since: now, word: keys.hash(word) };
const withoutWord = { ...maintenance, word: undefined };

describe('a word that lets in (T-143)', () => {
  it.each(['12345678', 'let-me-in', '1630542a-246b-4b66-afa1-dd72a4c43515', 'x'.repeat(128)])(
    'may be such as %s',
    (text) => {
      expect(bypassWord(text)).toBe(text);
    },
  );

  it.each(['', '1234567', 'let me in', 'let/me/in', 'let%2Dme-in', 'lässt-mich', 'let-me-in\n', 'x'.repeat(129)])(
    'is none such as %j, and is not repeated',
    (text) => {
      let error: AppError | undefined;
      try {
        bypassWord(text);
      } catch (thrown) {
        error = thrown as AppError;
      }
      expect(error).toMatchObject({ kind: 'invalid', code: 'INVALID_BYPASS_WORD' });
      if (text !== '') expect(`${error?.message ?? ''} ${error?.hint ?? ''}`).not.toContain(text);
    },
  );

  it('is known again, and nothing else is taken for it', () => {
    expect(keys.isWord(maintenance, word)).toBe(true);
    for (const other of ['', 'let-me-im', 'LET-ME-IN', `${word} `, maintenance.word ?? '']) {
      expect(keys.isWord(maintenance, other)).toBe(false);
    }
    expect(keys.isWord(withoutWord, word)).toBe(false);
    expect(otherKeys.isWord(maintenance, word)).toBe(false);
  });
});

describe('a pass (T-143)', () => {
  const { value, maxAgeSeconds } = keys.pass(maintenance, now);

  it.each([
    ['at once', 0, true],
    ['in the last millisecond of twelve hours', 12 * HOUR - 1, true],
    ['after twelve hours', 12 * HOUR, false],
    ['where a clock is a little behind', -1_000, true],
  ])('is good %s: %#', (_, ms, good) => {
    expect(keys.isPass(maintenance, value, after(now, ms))).toBe(good);
    expect(maxAgeSeconds).toBe(12 * 60 * 60);
  });

  it.each([
    ['another maintenance', { ...maintenance, episode: 'second' }, keys],
    ['another word', { ...maintenance, word: keys.hash(bypassWord('another-word')) }, keys],
    ['no word any more', withoutWord, keys],
    ['another APP_KEY', maintenance, otherKeys],
  ])('is no good for %s', (_, other, otherwise) => {
    expect(otherwise.isPass(other, value, now)).toBe(false);
  });

  it('cannot be made without the key, nor changed', () => {
    const text = fc.oneof(
      fc.string(),
      fc.string().map((end) => `${end}.${value.split('.')[1] ?? ''}`),
    );
    fc.assert(
      fc.property(text, (forged) => forged === value || !keys.isPass(maintenance, forged, now)),
      { examples: [[''], ['.'], [`${value}.x`.replace('.x', 'x')], [value.slice(0, -1)], [`1${value}`]] },
    );
  });

  it('does not tell the word', () => {
    expect(`${value} ${maintenance.word ?? ''}`).not.toContain(word);
  });
});
