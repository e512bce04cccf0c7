import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { EmbeddedQueue } from '#libs/jobs/adapters/embedded-queue.js';
import { JOB_QUEUE } from '#libs/jobs/job-queue.js';
import { onceJob } from '#libs/jobs/testing/contract-jobs.js';
import { drain } from '#libs/jobs/testing/queue-harness.js';
import { systemClock } from '#libs/kernel/clock.js';
import { silentLog } from '#libs/observability/log.js';

import { commandContext } from '../testing/command-context.js';
import { QueueRetryCommand } from './queue-retry.command.js';

describe('queue:retry', () => {
  let queue: EmbeddedQueue;
  beforeEach(() => {
    const file = join(mkdtempSync(join(tmpdir(), 'queue-')), 'queue.sqlite');
    queue = new EmbeddedQueue(file, { clock: systemClock, log: silentLog });
  });
  afterEach(() => queue.close());

  /** A failed job; `superseded` when a newer one of its key is open. */
  const failed = async (dedupeKey: string, { superseded = false } = {}): Promise<string> => {
    const { id } = await queue.add(onceJob, 'a', { dedupeKey });
    await drain(queue, async () => {
      throw new Error('on purpose');
    });
    if (superseded) await queue.add(onceJob, 'b', { dedupeKey, delayMs: 60_000 });
    return id;
  };
  const retry = async (...ids: string[]) => {
    const { context, ...printed } = commandContext(new Map([[JOB_QUEUE, queue]]));
    const error: unknown = await new QueueRetryCommand(context).run(ids).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    return { error, stdout: printed.stdout() };
  };
  const stateOf = async (id: string) => (await queue.find(id))?.state;

  it('all: retries each, but for those with a newer one that is open, and counts both', async () => {
    const [first, second, third] = [
      await failed('one'),
      await failed('two', { superseded: true }),
      await failed('three'),
    ];
    const { error, stdout } = await retry('all');
    expect(error).toBeUndefined();
    expect(stdout).toBe(
      [
        `Job ${third} waits again.`,
        `Job ${second} stays as it is: a newer one does its work.`,
        `Job ${first} waits again.`,
        'Retried: 2. Left to a newer one: 1.\n',
      ].join('\n'),
    );
    expect([await stateOf(first), await stateOf(second), await stateOf(third)]).toEqual([
      'waiting',
      'failed',
      'waiting',
    ]);
  });

  it('says which one is not there, when the others have been retried', async () => {
    const id = await failed('one');
    const { error, stdout } = await retry('99', id);
    expect(error).toMatchObject({ code: 'JOB_NOT_FOUND', message: 'There is no failed job "99".' });
    expect(stdout).toBe(`Job ${id} waits again.\n`);
  });

  it('does not say that one with a newer one is not there', async () => {
    const id = await failed('one', { superseded: true });
    expect(await retry(id)).toEqual({
      error: undefined,
      stdout: `Job ${id} stays as it is: a newer one does its work.\n`,
    });
  });
});
