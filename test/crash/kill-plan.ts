import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';

import { isOpen, type Run } from '#libs/syncing/runs/run.js';
import { type RunStore } from '#libs/syncing/runs/run-store.js';

import { type SeededRandom } from './seeded-random.js';

/** What a sync is busy with: `queued`, then `recovery`, then the steps that its run tells. */
export type Phase = string;

/** An instant of a sync: so long after the beginning of a phase. */
export interface Instant {
  readonly phase: Phase;
  readonly afterMs: number;
}

const LOOK_EVERY_MS = 3;

export const phaseOf = (run: Run): Phase =>
  isOpen(run) ? (run.state === 'running' ? (run.step ?? 'recovery') : 'queued') : 'ended';

/** Waits for the end of a run. Answers how long each of its phases took, in ms. */
export async function measurePhases(runs: RunStore, id: number): Promise<ReadonlyMap<Phase, number>> {
  const lengths = new Map<Phase, number>();
  let since = performance.now();
  for (let phase = await phaseNow(runs, id); phase !== 'ended'; phase = await phaseNow(runs, id)) {
    const now = performance.now();
    lengths.set(phase, (lengths.get(phase) ?? 0) + now - since);
    since = now;
    await pause(LOOK_EVERY_MS);
  }
  return lengths;
}

/** Of several syncs, how long each phase takes when nothing else keeps the machine busy. */
export function shortest(measured: readonly ReadonlyMap<Phase, number>[]): ReadonlyMap<Phase, number> {
  const phases = new Set(measured.flatMap((lengths) => [...lengths.keys()]));
  const lengthOf = (phase: Phase): number => Math.min(...measured.map((lengths) => lengths.get(phase) ?? 0));
  return new Map([...phases].map((phase) => [phase, lengthOf(phase)]));
}

/**
 * Instants in random order, spread evenly over each phase of a sync. A phase gets as many as the root of its length: the
 * short ones are those that change most.
 */
export function spreadOver(
  phases: ReadonlyMap<Phase, number>,
  count: number,
  random: SeededRandom,
): readonly Instant[] {
  const shares = [...phases].map(([phase, length]) => ({ phase, length, share: Math.sqrt(length) }));
  const allShares = shares.reduce((sum, { share }) => sum + share, 0);
  const instants = Array.from({ length: count }, (_, index): Instant => {
    let left = ((index + random.next()) / count) * allShares;
    for (const { phase, length, share } of shares) {
      if (left < share) return { phase, afterMs: (left / share) * length };
      left -= share;
    }
    return { phase: 'ended', afterMs: 0 };
  });
  return random.shuffled(instants);
}

/** Waits for an instant of a run, or for its end if that comes first. */
export async function untilInstant(runs: RunStore, id: number, { phase, afterMs }: Instant): Promise<void> {
  let seen = await phaseNow(runs, id);
  while (seen !== phase && seen !== 'ended') {
    await pause(LOOK_EVERY_MS);
    seen = await phaseNow(runs, id);
  }
  await pause(afterMs);
}

export async function phaseNow(runs: RunStore, id: number): Promise<Phase> {
  const run = await runs.find(id);
  if (run === undefined) throw new Error(`run ${String(id)} is gone`);
  return phaseOf(run);
}
