import fc from 'fast-check';

import { DAY } from '#libs/kernel/duration.js';
import { type FixedClock } from '#libs/kernel/testing/fixed-clock.js';

import { LONGEST_LEASE, type Fence, type Lease, type Leases } from '../lease.js';

export interface LeasesUnderTest {
  readonly leases: Leases;
  /** The clock that the leases go by. */
  readonly clock: FixedClock;
  /** Rejects with `LEASE_LOST` for whoever is not the live holder. */
  readonly assertFence: (fence: Fence) => Promise<void>;
  readonly close: () => Promise<void>;
}

const TTL = 30_000;

export function describeLeases(name: string, make: () => Promise<LeasesUnderTest>): void {
  describe(`${name} as leases`, () => {
    let test: LeasesUnderTest;
    beforeEach(async () => void (test = await make()));
    afterEach(() => test.close());

    const acquire = async (lease = 'sync:debian', owner = 'a'): Promise<Lease> => {
      const acquired = await test.leases.acquire(lease, owner, TTL);
      if (acquired === undefined) throw new Error(`"${lease}" is not free`);
      return acquired;
    };
    const lost = { code: 'LEASE_LOST' };

    it('gives a free lease until its time to live has passed', async () => {
      const lease = await acquire();
      expect(lease).toMatchObject({ name: 'sync:debian', owner: 'a', token: 1 });
      expect(lease.expiresAt.getTime()).toBe(test.clock.now().getTime() + TTL);
      expect(await test.leases.holder('sync:debian')).toMatchObject({ owner: 'a', token: 1 });
      await expect(test.assertFence(lease)).resolves.toBeUndefined();
    });

    it.each(['a', 'b'])('refuses a lease that is held by "a" to "%s"', async (owner) => {
      await acquire();
      expect(await test.leases.acquire('sync:debian', owner, TTL)).toBeUndefined();
      expect(await test.leases.holder('sync:debian')).toMatchObject({ owner: 'a', token: 1 });
    });

    it('gives it to one of many who ask at once', async () => {
      const owners = Array.from({ length: 20 }, (_, index) => `worker:${String(index)}`);
      const answers = await Promise.all(owners.map((owner) => test.leases.acquire('sync:debian', owner, TTL)));
      expect(answers.filter((answer) => answer !== undefined)).toHaveLength(1);
    });

    it('keeps names apart', async () => {
      await acquire('sync:debian');
      await acquire('sync:debian-security');
      expect(await test.leases.holder('sync:debia')).toBeUndefined();
    });

    it('lets another one in at the instant it expires, with a greater token (T-47)', async () => {
      const first = await acquire();
      test.clock.advance(TTL - 1);
      expect(await test.leases.acquire('sync:debian', 'b', TTL)).toBeUndefined();
      test.clock.advance(1);
      expect(await test.leases.holder('sync:debian')).toBeUndefined();
      const second = await acquire('sync:debian', 'b');
      expect(second.token).toBe(2);
      await expect(test.assertFence(first)).rejects.toMatchObject(lost);
      await expect(test.assertFence(second)).resolves.toBeUndefined();
    });

    it('is over when a clock gave it that was far ahead: nobody waits for that time to come (T-42)', async () => {
      const stale = await acquire();
      test.clock.advance(-10 * DAY);
      expect(await test.leases.holder('sync:debian')).toBeUndefined();
      await expect(test.assertFence(stale)).rejects.toMatchObject(lost);
      expect(await test.leases.renew(stale, TTL)).toBe(false);
      expect((await acquire('sync:debian', 'b')).token).toBe(2);
    });

    it('outlives a clock that is set right by a little', async () => {
      const lease = await acquire();
      test.clock.advance(-30_000);
      expect(await test.leases.renew(lease, TTL)).toBe(true);
      await expect(test.assertFence(lease)).resolves.toBeUndefined();
    });

    it('is not given for longer than any lease counts', async () => {
      await expect((async () => test.leases.acquire('sync:debian', 'a', LONGEST_LEASE + 1))()).rejects.toThrow(
        RangeError,
      );
    });

    it('is prolonged from now on by renewing', async () => {
      const lease = await acquire();
      test.clock.advance(TTL - 1);
      expect(await test.leases.renew(lease, TTL)).toBe(true);
      test.clock.advance(TTL - 1);
      await expect(test.assertFence(lease)).resolves.toBeUndefined();
      expect((await test.leases.holder('sync:debian'))?.expiresAt).toEqual(new Date(test.clock.now().getTime() + 1));
    });

    it('cannot be won back by renewing, whether or not somebody took it over', async () => {
      const lease = await acquire();
      test.clock.advance(TTL);
      expect(await test.leases.renew(lease, TTL)).toBe(false);
      await expect(test.assertFence(lease)).rejects.toMatchObject(lost);
      const successor = await acquire('sync:debian', 'b');
      expect(await test.leases.renew(lease, TTL)).toBe(false);
      expect(await test.leases.holder('sync:debian')).toEqual(successor);
    });

    it('is free again once released, and its tokens go on growing', async () => {
      const first = await acquire();
      await test.leases.release(first);
      expect(await test.leases.holder('sync:debian')).toBeUndefined();
      await expect(test.assertFence(first)).rejects.toMatchObject(lost);
      expect(await test.leases.renew(first, TTL)).toBe(false);
      expect((await acquire('sync:debian', 'b')).token).toBe(2);
    });

    it('leaves the successor alone when one that was lost is released, also twice', async () => {
      const first = await acquire();
      test.clock.advance(TTL);
      const second = await acquire('sync:debian', 'a');
      await test.leases.release(first);
      await test.leases.release(first);
      await expect(test.assertFence(second)).resolves.toBeUndefined();
    });

    it('keeps nothing of a name that is forgotten, and tells a stale holder apart all the same', async () => {
      const stale = await acquire('sync:debian', 'a');
      test.clock.advance(TTL);
      await test.leases.forget(await acquire('sync:debian', 'b'));
      expect(await test.leases.holder('sync:debian')).toBeUndefined();
      const anew = await acquire('sync:debian', 'c');
      expect(anew.token).toBe(stale.token);
      expect(await test.leases.renew(stale, TTL)).toBe(false);
      await test.leases.release(stale);
      await test.leases.forget(stale);
      expect(await test.leases.holder('sync:debian')).toEqual(anew);
    });

    it('forgets one that ran out as well, but not its successor', async () => {
      const first = await acquire();
      test.clock.advance(TTL);
      await test.leases.forget(first);
      const second = await acquire('sync:debian', 'b');
      expect(second.token).toBe(1);
      test.clock.advance(TTL);
      const third = await acquire('sync:debian', 'c');
      await test.leases.forget(second);
      expect(await test.leases.holder('sync:debian')).toEqual(third);
    });

    it('lists the live ones under a prefix by name, taking nothing for a wildcard', async () => {
      await acquire('blobs:write:2');
      await acquire('blobs:write:1');
      await acquire('blobs:collect');
      await acquire('blobsXwrite:3');
      await test.leases.release(await acquire('blobs:write:0'));
      const names = async (prefix: string) => (await test.leases.list(prefix)).map((lease) => lease.name);
      expect(await names('blobs:write:')).toEqual(['blobs:write:1', 'blobs:write:2']);
      expect(await names('blobs_write:')).toEqual([]);
      expect(await names('%')).toEqual([]);
      expect(await names('')).toHaveLength(4);
      test.clock.advance(TTL);
      expect(await names('blobs:')).toEqual([]);
    });

    it('lets no stale holder pass, in any order of events (I-13)', async () => {
      let round = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(event, { maxLength: 30 }), (events) => {
          round += 1;
          return playAgainstModel(test, `round:${String(round)}`, events);
        }),
        { numRuns: 30 },
      );
    });
  });
}

type Event =
  | { readonly kind: 'acquire'; readonly owner: string }
  | { readonly kind: 'renew' | 'release' | 'check'; readonly nth: number }
  | { readonly kind: 'wait'; readonly ms: number };

const event: fc.Arbitrary<Event> = fc.oneof(
  fc.record({ kind: fc.constant('acquire'), owner: fc.constantFrom('a', 'b', 'c') }),
  fc.record({ kind: fc.constantFrom('renew', 'release', 'check'), nth: fc.nat() }),
  fc.record({ kind: fc.constant('wait'), ms: fc.constantFrom(1, TTL / 2, TTL - 1, TTL, TTL * 2) }),
);

/** Every lease ever given is kept, as by processes that were paused; the model knows which one of them is good now. */
async function playAgainstModel(world: LeasesUnderTest, name: string, events: readonly Event[]) {
  const model: Model = { name, given: [], good: undefined, now: () => world.clock.now().getTime() };
  for (const event of events) {
    if (event.kind === 'wait') world.clock.advance(event.ms);
    else if (event.kind === 'acquire') await acquireBoth(world.leases, model, event.owner);
    else await touchBoth(world.leases, model, event);
    for (const lease of model.given) {
      const passes = await world.assertFence(lease).then(
        () => true,
        () => false,
      );
      expect(passes).toBe(isGood(model, lease));
    }
  }
}

interface Model {
  readonly name: string;
  readonly given: Lease[];
  good: { readonly token: number; readonly until: number } | undefined;
  readonly now: () => number;
}

const isGood = ({ good, now }: Model, { token }: Lease) => good?.token === token && good.until > now();

async function acquireBoth(leases: Leases, model: Model, owner: string) {
  const free = model.good === undefined || model.good.until <= model.now();
  const lease = await leases.acquire(model.name, owner, TTL);
  expect(lease !== undefined).toBe(free);
  if (lease === undefined) return;
  expect(lease.token).toBe(model.given.length + 1);
  model.given.push(lease);
  model.good = { token: lease.token, until: model.now() + TTL };
}

async function touchBoth(leases: Leases, model: Model, { kind, nth }: Exclude<Event, { kind: 'acquire' | 'wait' }>) {
  const lease = model.given[nth % model.given.length];
  if (lease === undefined) return;
  const good = isGood(model, lease);
  if (kind === 'renew') {
    expect(await leases.renew(lease, TTL)).toBe(good);
    if (good) model.good = { token: lease.token, until: model.now() + TTL };
  } else if (kind === 'release') {
    await leases.release(lease);
    if (good) model.good = undefined;
  }
}
