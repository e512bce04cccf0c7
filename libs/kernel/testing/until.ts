import { setTimeout as pause } from 'node:timers/promises';

const PAUSE_MS = 10;

/** Asks again until the answer is yes: for real processes and files, which tell nobody when they are done. */
export async function until(
  isSo: () => boolean | undefined | Promise<boolean | undefined>,
  seconds = 30,
): Promise<void> {
  // Tries are counted, too, since a test may have stopped the clock.
  const end = performance.now() + seconds * 1_000;
  for (let tries = 0; tries <= (seconds * 1_000) / PAUSE_MS && performance.now() <= end; tries += 1) {
    if (await isSo()) return;
    await pause(PAUSE_MS);
  }
  throw new Error(`within ${String(seconds)} s it never came to: ${String(isSo)}`);
}
