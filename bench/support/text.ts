import { type Goal, type Series, type Unit } from './figure.js';
import { type FigureOutcome } from './outcome.js';
import { median } from './statistics.js';

const DIGITS: Readonly<Record<Unit, number>> = { ratio: 2, 'requests/s': 0, µs: 1, ms: 1, s: 2, MB: 0 };

export const numberText = (value: number, unit: Unit): string =>
  value.toLocaleString('en-US', { minimumFractionDigits: DIGITS[unit], maximumFractionDigits: DIGITS[unit] });

export function valueText(value: number, unit: Unit): string {
  const text = numberText(value, unit);
  return unit === 'ratio' ? text : `${text} ${unit}`;
}

export const goalText = (goal: Goal): string =>
  'atLeast' in goal ? `≥ ${valueText(goal.atLeast, goal.unit)}` : `≤ ${valueText(goal.atMost, goal.unit)}`;

/** `0.43–0.47 in 5 rounds`, or nothing when there was one. */
export function rangeText(values: readonly number[], unit: Unit): string {
  if (values.length < 2) return 'one round';
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return `${numberText(low, unit)}–${numberText(high, unit)} in ${String(values.length)} rounds`;
}

export const seriesText = ({ of, unit, values }: Series): string =>
  `${of}: ${valueText(median(values), unit)} (${rangeText(values, unit)})`;

export function verdictText({ reached, doubts }: FigureOutcome): string {
  const verdict = reached ? 'reached' : 'missed';
  return doubts.length > 0 ? `${verdict}, noisy` : verdict;
}
