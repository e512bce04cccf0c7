import { actor } from '#libs/kernel/actor.js';
import { repositoryName } from '#libs/kernel/ids.js';
import { fixedClock } from '#libs/kernel/testing/fixed-clock.js';

import { getRepository } from './get-repository.js';
import { RegisterRepository } from './register-repository.js';
import { InMemoryRepositoryStore } from './testing/in-memory-repository-store.js';
import { UpdateRepository } from './update-repository.js';

describe('registering and changing repositories', () => {
  const clock = fixedClock('2026-03-10T00:00:00Z');
  const act = { actor: actor('cli', 'test') };
  const debian = repositoryName('debian');
  let store: InMemoryRepositoryStore;
  beforeEach(() => {
    store = new InMemoryRepositoryStore();
  });

  const register = (draft = {}) =>
    new RegisterRepository(store, clock).run({ name: 'debian', command: 'true', ...draft }, act);

  it('registers with defaults, now', async () => {
    const repository = await register();
    expect(repository).toMatchObject({ name: 'debian', delay: 7, createdAt: clock.now(), freeze: undefined });
    expect(await getRepository(store, debian)).toEqual(repository);
  });

  it.each([
    [{ delay: 1.5 }, 'INVALID_DELAY'],
    [{ name: '../etc' }, 'INVALID_REPOSITORY_NAME'],
    [{ name: '../etc', delay: 1.5 }, 'INVALID_REPOSITORY'],
  ])('registers nothing when the draft %j is wrong', async (draft, code) => {
    await expect(register(draft)).rejects.toMatchObject({ kind: 'invalid', code });
    expect(await store.list()).toEqual([]);
  });

  it('changes what was named, and leaves the rest', async () => {
    const before = await register({ schedule: '0 1 * * *' });
    const after = await new UpdateRepository(store, clock).run(debian, { schedule: '', delay: '0' }, act);
    expect(after).toEqual({ ...before, schedule: undefined, delay: 0 });
  });

  it.each([
    [{}, 'NOTHING_TO_CHANGE'],
    [{ delay: undefined }, 'NOTHING_TO_CHANGE'],
    [{ delay: -1 }, 'INVALID_DELAY'],
  ])('changes nothing when told %j', async (draft, code) => {
    const before = await register();
    await expect(new UpdateRepository(store, clock).run(debian, draft, act)).rejects.toMatchObject({ code });
    expect(await store.find(debian)).toEqual(before);
  });
});
