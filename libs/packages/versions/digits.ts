/** Compares two runs of digits as numbers, however long they are. An empty run counts as zero. */
export function compareDigits(a: string, b: string): number {
  const left = a.replace(/^0+/, '');
  const right = b.replace(/^0+/, '');
  return left.length - right.length || compareTexts(left, right);
}

/** Compares two texts by their UTF-16 units, which for ASCII is as C compares them. */
export function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
