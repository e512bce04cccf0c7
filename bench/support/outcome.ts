import { type Figure, type Measured } from './figure.js';
import { median, spread } from './statistics.js';

/** Rounds that lie further apart than this part of their median, or a machine used so much by others, tell little. */
const WIDE = 0.3;
const BUSY = 0.15;

export interface FigureOutcome {
  readonly figure: Omit<Figure, 'run'>;
  readonly measured: Measured;
  /** The median that counts. */
  readonly value: number;
  readonly reached: boolean;
  /** Why the figure should be taken again before it is believed. */
  readonly doubts: readonly string[];
}

/** @param usedByOthers the part of the machine's processor time that was not ours, 0 to 1 */
export function judge(figure: Figure, measured: Measured, usedByOthers: number): FigureOutcome {
  const { id, title, meaning, goal } = figure;
  const value = median(measured.values);
  const doubts: string[] = [];
  if (measured.values.length > 1 && spread(measured.values) > WIDE) {
    doubts.push(`its rounds lie ${percent(spread(measured.values))} apart`);
  }
  if (usedByOthers > BUSY) doubts.push(`others used ${percent(usedByOthers)} of the machine meanwhile`);
  const reached = 'atLeast' in goal ? value >= goal.atLeast : value <= goal.atMost;
  return { figure: { id, title, meaning, goal }, measured, value, reached, doubts };
}

export const percent = (part: number): string => `${(part * 100).toFixed(0)} %`;
