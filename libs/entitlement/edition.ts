import { AppError } from '#libs/kernel/errors.js';
import { printable } from '#libs/kernel/ids.js';

export const EDITIONS = ['community', 'enterprise'] as const;

/** What a system has subscribed to. */
export type Edition = (typeof EDITIONS)[number];

export const isEdition = (text: string): text is Edition => (EDITIONS as readonly string[]).includes(text);

/** @throws AppError `INVALID_EDITION` */
export function edition(text: string): Edition {
  if (isEdition(text)) return text;
  throw new AppError('invalid', 'INVALID_EDITION', `"${printable(text)}" is not an edition.`, {
    hint: `Editions are ${EDITIONS.join(' and ')}.`,
  });
}
