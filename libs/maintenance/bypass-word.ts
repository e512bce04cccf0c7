import { AppError } from '#libs/kernel/errors.js';

/** Who knows it is let in during a maintenance. It may stand in a path as it is. */
export type BypassWord = string & { readonly __brand: 'BypassWord' };
/** How it is kept. */
export type WordHash = string & { readonly __brand: 'WordHash' };

const WORD = /^[\w-]{8,128}$/;

export const isBypassWord = (text: string): text is BypassWord => WORD.test(text);

/** @throws AppError `INVALID_BYPASS_WORD`, which does not repeat it */
export function bypassWord(text: string): BypassWord {
  if (isBypassWord(text)) return text;
  throw new AppError('invalid', 'INVALID_BYPASS_WORD', 'That word cannot be used to let people in.', {
    hint: 'Take 8 to 128 letters, digits, dashes and underscores.',
  });
}
