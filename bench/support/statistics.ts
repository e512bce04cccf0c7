/** The middle value, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low, high] = [sorted[middle - 1], sorted[middle]];
  if (high === undefined) throw new Error('nothing was measured');
  return sorted.length % 2 === 1 || low === undefined ? high : (low + high) / 2;
}

/** How far the rounds lie apart, as a part of their median. */
export const spread = (values: readonly number[]): number =>
  (Math.max(...values) - Math.min(...values)) / Math.abs(median(values));

/** Ours by the peer's, round by round: what slows both in one round does not count. */
export const ratios = (ours: readonly number[], peers: readonly number[]): readonly number[] =>
  ours.map((value, round) => value / (peers[round] ?? NaN));
