/** `1 file`, `2 files`; for nouns that take an s. */
export const counted = (count: number, noun: string): string => `${String(count)} ${noun}${count === 1 ? '' : 's'}`;
