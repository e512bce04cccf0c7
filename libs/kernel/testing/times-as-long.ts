const ROUNDS = 7;

/**
 * How many times as long `one` takes as `other`, for tests of linear time: given as many bytes, once in a long piece and
 * once in 16 short ones, what is linear takes as long, and what looks at all for each takes 16 times as long. Both have the
 * same clock and the same neighbours, and the best of several rounds counts, so a slow or busy machine changes nothing.
 */
export function timesAsLong(one: () => unknown, other: () => unknown): number {
  const rounds = Array.from({ length: ROUNDS }, () => [taken(one), taken(other)] as const);
  const best = (index: 0 | 1): number => Math.min(...rounds.map((round) => round[index]));
  return best(0) / best(1);
}

function taken(work: () => unknown): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}
