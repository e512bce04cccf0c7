import { type BigIntStats } from 'node:fs';

import { SECOND } from '#libs/kernel/duration.js';

import { type SourceFile } from '../../source/source.js';

/** A write within the same tick of the file system's clock leaves no trace; kernels tick at least every 10 ms. */
const FINE_TICK_MS = 50;
/** Whole seconds, or two on FAT. */
const COARSE_TICK_MS = 2 * SECOND;

const NANOSECONDS = 1_000_000_000n;

/** Size, times and inode: as in git's index, equal signatures mean equal content. Devices are not in it, their numbers move. */
const signatureOf = ({ size, mtimeNs, ctimeNs, ino }: BigIntStats): string =>
  `${size.toString(36)}.${mtimeNs.toString(36)}.${ctimeNs.toString(36)}.${ino.toString(36)}`;

/** Outside of this there is no Date, and a manifest takes no number that is not exact (ECMAScript, time values). */
const LAST_INSTANT_MS = 8_640_000_000_000_000;

export const factsOf = (path: string, state: BigIntStats): SourceFile => ({
  path,
  size: Number(state.size),
  mtimeMs: Math.min(Math.max(Number(state.mtimeMs), -LAST_INSTANT_MS), LAST_INSTANT_MS),
  signature: signatureOf(state),
});

/**
 * Whether a file was touched so shortly before `now` that another change could hide behind the same signature.
 *
 * @param now by the clock of the machine that stamps the files
 */
export function tooFresh(state: BigIntStats, now: Date): boolean {
  const tick = state.ctimeNs % NANOSECONDS === 0n ? COARSE_TICK_MS : FINE_TICK_MS;
  return Math.abs(now.getTime() - Number(state.ctimeMs)) < tick;
}
