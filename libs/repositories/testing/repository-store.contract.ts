import { actor } from '#libs/kernel/actor.js';
import { repositoryName, snapshotId } from '#libs/kernel/ids.js';

import { type HeldLease } from '#libs/persistence/testing/held-lease.js';

import { type RepositoryStore } from '../repository-store.js';
import { type RepositorySettings } from '../repository.js';

export interface RepositoryStoreUnderTest extends HeldLease {
  readonly store: RepositoryStore;
  readonly close: () => Promise<void>;
}

export const SETTINGS: RepositorySettings = {
  command: 'rclone sync upstream: "$SOURCE_DIR"',
  sourceFolder: undefined,
  delay: 7,
  holdBack: 'window',
  schedule: undefined,
  editions: ['community', 'enterprise'],
};

const AT = new Date('2026-03-10T00:00:00Z');
const LATER = new Date('2026-03-11T00:00:00Z');
const EVEN_LATER = new Date('2026-03-12T00:00:00Z');
const ACT = { actor: actor('cli', 'test'), reason: 'because' };
const DEBIAN = repositoryName('debian');
const FREEZE = { snapshot: snapshotId('20260301T000000Z'), at: AT, reason: 'a faulty package', until: undefined };

export function describeRepositoryStore(name: string, make: () => Promise<RepositoryStoreUnderTest>): void {
  describe(`${name} as a repository store`, () => {
    let test: RepositoryStoreUnderTest;
    let store: RepositoryStore;
    beforeEach(async () => {
      test = await make();
      store = test.store;
    });
    afterEach(() => test.close());

    const add = (text: string, settings = SETTINGS) => store.add(repositoryName(text), settings, AT, ACT);
    const names = async () => (await store.list()).map((repository) => repository.name);

    it.each<[string, Partial<RepositorySettings>]>([
      ['the usual settings', {}],
      [
        'all of them',
        {
          sourceFolder: 'dists/a b',
          delay: 0,
          holdBack: 'minimum-age',
          schedule: '5 4 * * *',
          editions: ['enterprise'],
        },
      ],
      ['a command of several lines in another script', { command: 'echo \'ü\n"$x"; --\'' }],
    ])('keeps what was added with %s', async (_what, settings) => {
      const added = await add('debian', { ...SETTINGS, ...settings });
      expect(added).toEqual({
        ...SETTINGS,
        ...settings,
        id: added.id,
        name: 'debian',
        freeze: undefined,
        createdAt: AT,
      });
      expect(await store.find(DEBIAN)).toEqual(added);
    });

    it('lists by the bytes of the name', async () => {
      for (const text of ['b', 'a_1', 'a-1', 'a', 'a1']) await add(text);
      expect(await names()).toEqual(['a', 'a-1', 'a1', 'a_1', 'b']);
    });

    it('knows nothing that was not added', async () => {
      expect(await store.find(DEBIAN)).toBeUndefined();
      expect(await store.list()).toEqual([]);
    });

    it('refuses a name that is taken', async () => {
      const first = await add('debian');
      await expect(add('debian', { ...SETTINGS, delay: 1 })).rejects.toMatchObject({
        kind: 'conflict',
        code: 'REPOSITORY_EXISTS',
      });
      expect(await store.find(DEBIAN)).toEqual(first);
    });

    it('gives a name to one of many who ask at once', async () => {
      const answers = await Promise.allSettled(Array.from({ length: 5 }, () => add('debian')));
      expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(await names()).toEqual(['debian']);
    });

    it('changes the given settings alone, also to nothing', async () => {
      await add('other');
      const before = await add('debian', { ...SETTINGS, sourceFolder: 'dists', schedule: '0 1 * * *' });
      const changes = { delay: 0, schedule: undefined, editions: ['enterprise'] } as const;
      const after = await store.update(DEBIAN, changes, LATER, ACT);
      expect(after).toEqual({ ...before, ...changes });
      expect(await store.find(DEBIAN)).toEqual(after);
      expect(await store.find(repositoryName('other'))).toMatchObject(SETTINGS);
    });

    it('keeps a freeze while settings change', async () => {
      await add('debian');
      await store.freeze(DEBIAN, FREEZE, ACT);
      expect(await store.update(DEBIAN, { delay: 1 }, LATER, ACT)).toMatchObject({ delay: 1, freeze: FREEZE });
    });

    it.each([
      ['for good', FREEZE],
      ['without a reason, until a time', { ...FREEZE, reason: undefined, until: LATER }],
    ])('keeps a freeze %s', async (_what, freeze) => {
      await add('debian');
      expect((await store.freeze(DEBIAN, freeze, ACT)).freeze).toEqual(freeze);
      expect((await store.find(DEBIAN))?.freeze).toEqual(freeze);
    });

    it('refuses a second freeze, and keeps the first', async () => {
      await add('debian');
      await store.freeze(DEBIAN, FREEZE, ACT);
      const second = { ...FREEZE, snapshot: snapshotId('20260302T000000Z'), at: LATER };
      await expect(store.freeze(DEBIAN, second, ACT)).rejects.toMatchObject({
        kind: 'conflict',
        code: 'REPOSITORY_FROZEN',
      });
      expect((await store.find(DEBIAN))?.freeze).toEqual(FREEZE);
    });

    it('takes a second freeze from the instant on at which the first one ends', async () => {
      await add('debian');
      await store.freeze(DEBIAN, { ...FREEZE, until: LATER }, ACT);
      const early = { ...FREEZE, at: new Date(LATER.getTime() - 1) };
      await expect(store.freeze(DEBIAN, early, ACT)).rejects.toMatchObject({ code: 'REPOSITORY_FROZEN' });
      expect((await store.freeze(DEBIAN, { ...FREEZE, at: LATER }, ACT)).freeze?.at).toEqual(LATER);
    });

    it('unfreezes once', async () => {
      await add('debian');
      await store.freeze(DEBIAN, FREEZE, ACT);
      expect((await store.unfreeze(DEBIAN, LATER, ACT)).freeze).toBeUndefined();
      expect((await store.find(DEBIAN))?.freeze).toBeUndefined();
      await expect(store.unfreeze(DEBIAN, LATER, ACT)).rejects.toMatchObject({
        kind: 'conflict',
        code: 'REPOSITORY_NOT_FROZEN',
      });
    });

    it('does not unfreeze what is frozen no longer', async () => {
      await add('debian');
      await store.freeze(DEBIAN, { ...FREEZE, until: LATER }, ACT);
      await expect(store.unfreeze(DEBIAN, LATER, ACT)).rejects.toMatchObject({ code: 'REPOSITORY_NOT_FROZEN' });
    });

    it('tells what was changed of that which decides what is served, the latest first', async () => {
      await add('debian');
      const [first, second] = [FREEZE, { ...FREEZE, reason: undefined, at: LATER, until: EVEN_LATER }];
      await store.freeze(DEBIAN, first, ACT);
      await store.unfreeze(DEBIAN, LATER, ACT);
      await store.freeze(DEBIAN, second, ACT);
      await store.update(DEBIAN, { delay: 3, schedule: '0 1 * * *' }, LATER, ACT);
      await store.update(DEBIAN, { delay: 1, holdBack: 'minimum-age' }, LATER, ACT);
      await store.update(DEBIAN, { delay: 1, command: 'true' }, LATER, ACT);
      await store.freeze(DEBIAN, { ...FREEZE, at: EVEN_LATER }, ACT);
      const changes = [
        { at: EVEN_LATER, before: { freeze: second } },
        { at: LATER, before: { delay: 3, holdBack: 'window' } },
        { at: LATER, before: { delay: 7 } },
        { at: LATER, before: { freeze: undefined } },
        { at: LATER, before: { freeze: first } },
      ];
      expect(await store.policyChanges(DEBIAN, LATER)).toEqual(changes);
      expect(await store.policyChanges(DEBIAN, AT)).toEqual([...changes, { at: AT, before: { freeze: undefined } }]);
      expect(await store.policyChanges(repositoryName('other'), AT)).toEqual([]);
    });

    it('finds a deleted one no more, and keeps its name until it is forgotten (T-18)', async () => {
      const deleted = await add('debian');
      await add('other');
      await store.markDeleted(DEBIAN, LATER, ACT);
      expect(await store.find(DEBIAN)).toBeUndefined();
      expect(await names()).toEqual(['other']);
      expect(await store.listDeleted()).toEqual([deleted]);
      await expect(add('debian')).rejects.toMatchObject({ code: 'REPOSITORY_EXISTS' });

      await store.forget(deleted.id, test.fence);
      await store.forget(deleted.id, test.fence);
      expect(await store.listDeleted()).toEqual([]);
      expect((await add('debian')).id).not.toBe(deleted.id);
    });

    it('frees no name for a holder that was overtaken (I-13)', async () => {
      const { id } = await add('debian');
      await store.markDeleted(DEBIAN, LATER, ACT);
      await test.overtake();
      await expect(store.forget(id, test.fence)).rejects.toMatchObject({ code: 'LEASE_LOST' });
      expect(await store.listDeleted()).toHaveLength(1);
    });

    it('forgets only what was marked deleted', async () => {
      const { id } = await add('debian');
      await store.forget(id, test.fence);
      expect(await names()).toEqual(['debian']);
    });

    it.each<[string, () => Promise<unknown>]>([
      ['update', () => store.update(DEBIAN, { delay: 1 }, AT, ACT)],
      ['freeze', () => store.freeze(DEBIAN, FREEZE, ACT)],
      ['unfreeze', () => store.unfreeze(DEBIAN, AT, ACT)],
      ['markDeleted', () => store.markDeleted(DEBIAN, AT, ACT)],
    ])('%s refuses an unknown one, and a deleted one', async (_what, ask) => {
      const notFound = { kind: 'not-found', code: 'REPOSITORY_NOT_FOUND' };
      await expect(ask()).rejects.toMatchObject(notFound);
      await add('debian');
      await store.markDeleted(DEBIAN, AT, ACT);
      await expect(ask()).rejects.toMatchObject(notFound);
    });
  });
}
