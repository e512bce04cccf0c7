/** `1 file`, `2 files`; for nouns that do not take an s alone the plural is given. */
export const counted = (count: number, noun: string, plural = `${noun}s`): string =>
  `${String(count)} ${count === 1 ? noun : plural}`;
