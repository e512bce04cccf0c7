import { actor } from '#libs/kernel/actor.js';
import { type SystemId } from '#libs/kernel/ids.js';

import { type VerdictKey } from '../credential-keys.js';
import { type KeptVerdict } from '../verdicts/kept-verdict.js';
import { type VerdictStore } from '../verdicts/verdict-store.js';

const act = { actor: actor('cli', 'test') };
const now = new Date('2026-03-10T00:00:00Z');
const [one, other] = ['one', 'other'] as SystemId[] as [SystemId, SystemId];
const key = (name: string): VerdictKey => name as VerdictKey;
const verdict = (checkedAt: number, validUntil?: number): KeptVerdict => ({
  checkedAt,
  freshUntil: checkedAt + 10,
  usableUntil: checkedAt + 20,
  validUntil,
});

export interface VerdictStoreUnderTest {
  readonly store: VerdictStore;
  /** The same store as another process has it. */
  readonly elsewhere: VerdictStore;
  /** Waits until what was saved is seen elsewhere. */
  readonly arrive: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export function describeVerdictStore(name: string, make: () => Promise<VerdictStoreUnderTest>): void {
  describe(`VerdictStore: ${name}`, () => {
    let made: VerdictStoreUnderTest;
    let store: VerdictStore;
    let elsewhere: VerdictStore;
    beforeEach(async () => {
      made = await make();
      ({ store, elsewhere } = made);
    });
    afterEach(() => made.close());

    const save = async (name: string, kept: KeptVerdict, systemId = one) =>
      store.save({ key: key(name), systemId, generation: await store.generation() }, kept);
    const found = async (name: string, place = store) => place.find(key(name), await place.generation());

    it('gives back what was saved, here at once and elsewhere after a moment', async () => {
      await save('a', verdict(1_000));
      await save('b', verdict(2_000, 2_015));
      expect(await found('a')).toEqual(verdict(1_000));
      await made.arrive();
      expect(await found('a', elsewhere)).toEqual(verdict(1_000));
      expect(await found('b', elsewhere)).toEqual(verdict(2_000, 2_015));
      expect(await found('c', elsewhere)).toBeUndefined();
    });

    it('keeps the newer of two', async () => {
      await save('a', verdict(1_000));
      await made.arrive();
      await save('a', verdict(3_000));
      expect(await found('a')).toEqual(verdict(3_000));
      await made.arrive();
      expect(await found('a', elsewhere)).toEqual(verdict(3_000));
    });

    it('removes one, also before it arrived elsewhere, and twice', async () => {
      await save('a', verdict(1_000));
      await save('b', verdict(1_000));
      await store.remove(key('a'));
      await store.remove(key('a'));
      await made.arrive();
      expect([await found('a', elsewhere), await found('b', elsewhere)]).toEqual([undefined, verdict(1_000)]);
    });

    it('forgets all verdicts of a system and none of another, and says so by a new generation', async () => {
      await save('a', verdict(1_000));
      await save('b', verdict(1_000));
      await save('c', verdict(1_000), other);
      const [generation, version] = [await store.generation(), store.version()];
      expect(await store.forget(one, now, act)).toBe(2);
      expect(await store.generation()).not.toBe(generation);
      expect(store.version()).not.toBe(version);
      await made.arrive();
      expect(await Promise.all(['a', 'b', 'c'].map((name) => found(name, elsewhere)))).toEqual([
        undefined,
        undefined,
        verdict(1_000),
      ]);
    });

    it('begins a new generation also for a system it has nothing about', async () => {
      const generation = await store.generation();
      expect(await store.forget(one, now, act)).toBe(0);
      expect(await store.generation()).not.toBe(generation);
    });

    it('does not keep what an older generation was told', async () => {
      const generation = await store.generation();
      await store.forget(one, now, act);
      store.save({ key: key('a'), systemId: one, generation }, verdict(1_000));
      await made.arrive();
      expect(await found('a', elsewhere)).toBeUndefined();
    });

    it('forgets what waits to be written too, also when another process forgets', async () => {
      await save('a', verdict(1_000));
      await elsewhere.forget(one, now, act);
      expect(await found('a')).toBeUndefined();
      await made.arrive();
      expect([await found('a'), await found('a', elsewhere)]).toEqual([undefined, undefined]);
    });

    it('keeps its version while nothing changes', async () => {
      const version = store.version();
      await found('a');
      expect(store.version()).toBe(version);
    });
  });
}
