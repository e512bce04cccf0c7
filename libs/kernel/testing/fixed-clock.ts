import { type Clock } from '../clock.js';

export interface FixedClock extends Clock {
  set(instant: string | Date): void;
  advance(milliseconds: number): void;
}

/** A clock that stands still until the test moves it. */
export function fixedClock(instant: string | Date): FixedClock {
  let current = new Date(instant);
  return {
    now: () => new Date(current),
    set: (next) => void (current = new Date(next)),
    advance: (milliseconds) => void (current = new Date(current.getTime() + milliseconds)),
  };
}
