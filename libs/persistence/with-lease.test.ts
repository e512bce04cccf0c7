import { fixedClock } from '#libs/kernel/testing/fixed-clock.js';

import { type Leases } from './lease.js';
import { InMemoryLeases } from './testing/in-memory-leases.js';
import { withLease, type Held } from './with-lease.js';

const TERMS = { owner: 'worker:1', ttlMs: 30_000, renewEveryMs: 10_000 };
const NAME = 'sync:debian';

describe('withLease', () => {
  const clock = fixedClock('2026-03-10T00:00:00Z');
  let leases: InMemoryLeases;

  beforeEach(() => {
    jest.useFakeTimers();
    leases = new InMemoryLeases(clock);
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  const pass = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 1_000) {
      clock.advance(1_000);
      await jest.advanceTimersByTimeAsync(1_000);
    }
  };
  /** Work that goes on until the test ends it. */
  const begin = (of: Leases = leases) => {
    let end: (how?: Error) => void = () => undefined;
    let held: Held | undefined;
    const outcome = withLease(of, NAME, TERMS, (given) => {
      held = given;
      return new Promise<string>((resolve, reject) => {
        end = (error) => {
          if (error === undefined) resolve('result');
          else reject(error);
        };
      });
    });
    outcome.catch(() => undefined);
    return {
      outcome,
      end: (how?: Error) => {
        end(how);
      },
      held: () => held as Held,
    };
  };

  it('does the work under a good fence, answers its value, and frees the name', async () => {
    const work = (held: Held) => {
      leases.assertFence(held.fence);
      return Promise.resolve('result');
    };
    expect(await withLease(leases, NAME, TERMS, work)).toEqual({ kind: 'done', value: 'result' });
    expect(await leases.holder(NAME)).toBeUndefined();
  });

  it('does nothing when somebody else holds it', async () => {
    await leases.acquire(NAME, 'worker:2', 30_000);
    const work = jest.fn(() => Promise.resolve());
    expect(await withLease(leases, NAME, TERMS, work)).toEqual({ kind: 'taken' });
    expect(work).not.toHaveBeenCalled();
    expect(await leases.holder(NAME)).toMatchObject({ owner: 'worker:2' });
  });

  it('keeps nothing of a name that comes once', async () => {
    const once = { ...TERMS, once: true };
    for (const fails of [false, true]) {
      const work = () => (fails ? Promise.reject(new Error('on purpose')) : Promise.resolve());
      await withLease(leases, NAME, once, work).catch(() => undefined);
      expect((await leases.acquire(NAME, 'worker:2', 1))?.token).toBe(1);
      clock.advance(1);
      await withLease(leases, NAME, once, () => Promise.resolve());
    }
  });

  it('frees the name when the work fails, and tells why it failed', async () => {
    const work = begin();
    await pass(1_000);
    work.end(new Error('on purpose'));
    await expect(work.outcome).rejects.toThrow('on purpose');
    expect(await leases.holder(NAME)).toBeUndefined();
    expect(jest.getTimerCount()).toBe(0);
  });

  it('keeps it for as long as the work takes', async () => {
    const work = begin();
    await pass(600_000);
    expect(work.held().signal.aborted).toBe(false);
    expect(await leases.holder(NAME)).toMatchObject({ owner: 'worker:1', token: 1 });
    work.end();
    expect(await work.outcome).toEqual({ kind: 'done', value: 'result' });
    expect(jest.getTimerCount()).toBe(0);
  });

  it('aborts the work within one renewal once another took over, and leaves that one alone (T-47)', async () => {
    const work = begin();
    await pass(1_000);
    clock.advance(40_000); // this process was stopped meanwhile
    const successor = await leases.acquire(NAME, 'worker:2', 30_000);
    await pass(10_000);
    expect(work.held().signal.reason).toMatchObject({ kind: 'conflict', code: 'LEASE_LOST' });
    expect(() => {
      leases.assertFence(work.held().fence);
    }).toThrow('was lost before the work was done');
    work.end(work.held().signal.reason as Error);
    await expect(work.outcome).rejects.toMatchObject({ code: 'LEASE_LOST' });
    expect(await leases.holder(NAME)).toEqual(successor);
  });

  it('survives renewals that fail while the lease lives, and gives up when it has run out', async () => {
    let failures = 2;
    const flaky = new Proxy(leases, {
      get: (target, method: keyof Leases) =>
        method === 'renew'
          ? (...call: Parameters<Leases['renew']>) =>
              failures-- > 0 ? Promise.reject(new Error('busy')) : target.renew(...call)
          : target[method].bind(target),
    });
    const work = begin(flaky);
    await pass(29_000);
    expect(work.held().signal.aborted).toBe(false);
    await pass(25_000); // the third renewal, at 30 s, came too late for the lease itself
    expect(work.held().signal.aborted).toBe(true);
    work.end();
    await work.outcome;
  });

  it('aborts when no renewal was answered until the lease has run out', async () => {
    const dead = new Proxy(leases, {
      get: (target, method: keyof Leases) =>
        method === 'renew' ? () => Promise.reject(new Error('gone')) : target[method].bind(target),
    });
    const work = begin(dead);
    await pass(30_000);
    expect(work.held().signal.reason).toMatchObject({ code: 'LEASE_LOST', cause: new Error('gone') });
    work.end();
    await work.outcome;
  });
});
