import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';

import { MINUTE } from '#libs/kernel/duration.js';
import { AppError } from '#libs/kernel/errors.js';
import { type Leases } from '#libs/persistence/lease.js';
import { USUAL_LEASE, withLease } from '#libs/persistence/with-lease.js';

/*
 * Whoever makes or takes over blobs, and whoever collects those that nobody needs, exclude each other. Each side says
 * first that it is there and looks for the other one then, so that never both go on.
 */

const WRITING = 'blobs:write:';
const COLLECTING = 'blobs:collect';

const ASK_AGAIN_MS = 250;
/** A collector gives way as soon as it sees that somebody waits; longer than this is a defect. */
const PATIENCE_MS = 5 * MINUTE;

/**
 * Does work that makes or takes over blobs, once no collection is under way.
 *
 * @param work told to stop when `signal` is aborted or the lease is lost
 * @throws AppError `ATTEMPT_RUNNING`, `BLOBS_BUSY`
 */
export async function whileWritingBlobs<T>(
  leases: Leases,
  attempt: string,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  // Attempts are many, and each is its own name. An owner tells a repair from an earlier one of the same blob.
  const terms = { ...USUAL_LEASE, owner: `${attempt} ${randomUUID()}`, once: true };
  const outcome = await withLease(leases, `${WRITING}${attempt}`, terms, async (held) => {
    const either = AbortSignal.any([signal, held.signal]);
    await untilNobodyCollects(leases, either);
    return work(either);
  });
  if (outcome.kind === 'done') return outcome.value;
  throw new AppError('conflict', 'ATTEMPT_RUNNING', `Attempt "${attempt}" is already under way.`);
}

export const isWritingBlobs = async (leases: Leases, attempt: string): Promise<boolean> =>
  (await leases.holder(`${WRITING}${attempt}`)) !== undefined;

/** For a collector, between its steps: whether to give way. */
export const someoneWritesBlobs = async (leases: Leases): Promise<boolean> => (await leases.list(WRITING)).length > 0;

/** Does work that removes blobs; `undefined`, and nothing done, while somebody writes or collects them. */
export async function whileCollectingBlobs<T>(
  leases: Leases,
  owner: string,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  const outcome = await withLease(leases, COLLECTING, { ...USUAL_LEASE, owner }, async ({ signal }) =>
    (await someoneWritesBlobs(leases)) ? undefined : work(signal),
  );
  return outcome.kind === 'done' ? outcome.value : undefined;
}

async function untilNobodyCollects(leases: Leases, signal: AbortSignal): Promise<void> {
  const giveUpAt = performance.now() + PATIENCE_MS;
  while ((await leases.holder(COLLECTING)) !== undefined) {
    if (performance.now() > giveUpAt) {
      throw new AppError('unavailable', 'BLOBS_BUSY', 'Unneeded blobs are being collected, and that does not end.', {
        hint: 'Look for a worker that hangs; the attempt is made again.',
      });
    }
    await setTimeout(ASK_AGAIN_MS, undefined, { signal });
  }
  signal.throwIfAborted();
}
