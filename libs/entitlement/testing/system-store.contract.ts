import { actor } from '#libs/kernel/actor.js';
import { type SystemId } from '#libs/kernel/ids.js';

import { type SecretHash } from '../credential-keys.js';
import { type RegisteredSystem, type SystemStore } from '../systems/system-store.js';

const act = { actor: actor('cli', 'test') };
const at = new Date('2026-03-10T00:00:00Z');
const later = new Date('2026-03-11T00:00:00Z');

const system = (id: string, changes: Partial<RegisteredSystem> = {}): RegisteredSystem => ({
  id: id as SystemId,
  edition: 'community',
  validUntil: undefined,
  revokedAt: undefined,
  createdAt: at,
  secretHash: `hash-of-${id}` as SecretHash,
  ...changes,
});

export interface SystemStoreUnderTest {
  readonly store: SystemStore;
  readonly close: () => Promise<void>;
}

export function describeSystemStore(name: string, make: () => Promise<SystemStoreUnderTest>): void {
  describe(`SystemStore: ${name}`, () => {
    let made: SystemStoreUnderTest;
    let store: SystemStore;
    beforeEach(async () => {
      made = await make();
      store = made.store;
    });
    afterEach(() => made.close());

    it('finds a system in its own edition only, with everything about it', async () => {
      const one = system('one', { validUntil: later });
      await store.add(one, act);
      expect(await store.find(one.id, 'community')).toEqual(one);
      expect(await store.find(one.id, 'enterprise')).toBeUndefined();
      expect(await store.find('on' as SystemId, 'community')).toBeUndefined();
      expect(await store.find('ONE' as SystemId, 'community')).toBeUndefined();
    });

    it('lists by id and edition', async () => {
      await store.add(system('b'), act);
      await store.add(system('a', { edition: 'enterprise' }), act);
      await store.add(system('a'), act);
      const listed = await store.list();
      expect(listed.map(({ id, edition }) => `${id} ${edition}`)).toEqual([
        'a community',
        'a enterprise',
        'b community',
      ]);
    });

    it('refuses a second entry', async () => {
      await store.add(system('one'), act);
      const second = system('one', { secretHash: 'other' as SecretHash });
      await expect(store.add(second, act)).rejects.toMatchObject({ code: 'SYSTEM_EXISTS' });
      expect(await store.find(second.id, 'community')).toEqual(system('one'));
    });

    it('replaces an entry when that is what is wanted, in its own edition', async () => {
      const enterprise = system('one', { edition: 'enterprise' });
      await store.add(enterprise, act);
      await store.add(system('one'), act);
      const second = system('one', { secretHash: 'other' as SecretHash, createdAt: later });
      await store.add(second, act, { replace: true });
      expect(await store.find(second.id, 'community')).toEqual(second);
      expect(await store.find(second.id, 'enterprise')).toEqual(enterprise);
    });

    it('replaces nothing that does not count', async () => {
      await store.add(system('one', { edition: 'enterprise' }), act);
      await expect(store.add(system('one'), act, { replace: true })).rejects.toMatchObject({
        code: 'SYSTEM_NOT_FOUND',
      });
      await store.revoke('one' as SystemId, at, act);
      const again = system('one', { edition: 'enterprise', secretHash: 'other' as SecretHash });
      await expect(store.add(again, act, { replace: true })).rejects.toMatchObject({ code: 'SYSTEM_REVOKED' });
      expect((await store.list()).map(({ revokedAt }) => revokedAt)).toEqual([at]);
    });

    it('revokes in every edition, once, and nobody else', async () => {
      await store.add(system('one'), act);
      await store.add(system('one', { edition: 'enterprise' }), act);
      await store.add(system('two'), act);
      const revoked = await store.revoke('one' as SystemId, at, act);
      expect(revoked.map(({ revokedAt }) => revokedAt)).toEqual([at, at]);
      expect((await store.revoke('one' as SystemId, later, act)).map(({ revokedAt }) => revokedAt)).toEqual([at, at]);
      expect((await store.find('two' as SystemId, 'community'))?.revokedAt).toBeUndefined();
    });

    it('does not revoke what it does not know', async () => {
      await expect(store.revoke('one' as SystemId, at, act)).rejects.toMatchObject({ code: 'SYSTEM_NOT_FOUND' });
    });

    it('lets a revoked system come back with another secret', async () => {
      await store.add(system('one'), act);
      await store.revoke('one' as SystemId, at, act);
      const again = system('one', { secretHash: 'other' as SecretHash, createdAt: later });
      await store.add(again, act);
      expect(await store.find(again.id, 'community')).toEqual(again);
    });
  });
}
