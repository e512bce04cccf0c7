import { writeFile } from 'node:fs/promises';

import { messageOf } from '#libs/kernel/errors.js';
import { SECOND } from '#libs/kernel/duration.js';
import { type Log } from '#libs/observability/log.js';

const INTERVAL = 10 * SECOND;

/** How a program without a port shows that it is well. */
export interface Heartbeat {
  readonly file: string;
  readonly isWell: () => Promise<boolean>;
}

/**
 * Writes the file now and every ten seconds while the program is well. A program that hangs, or whose database or disk
 * does not answer, lets the file grow old, and health checks of containers see that.
 */
export async function keepBeating({ file, isWell }: Heartbeat, log: Log): Promise<void> {
  try {
    if (await isWell()) await writeFile(file, '');
  } catch (error) {
    log.warn('heartbeat not written', { file, error: messageOf(error) });
  }
  setTimeout(() => void keepBeating({ file, isWell }, log), INTERVAL).unref();
}
