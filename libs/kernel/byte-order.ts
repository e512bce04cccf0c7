/**
 * Compares two strings as the bytes of their UTF-8 form compare: the order of keys and of paths in a manifest.
 *
 * `<` compares UTF-16 units, in which a character beyond U+FFFF (surrogates, from 0xD800) sorts before U+E000 to U+FFFF.
 */
export function byBytes(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left !== right) return rank(left) - rank(right);
  }
  return a.length - b.length;
}

const rank = (unit: number): number => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit);
