import { repositoryName } from '#libs/kernel/ids.js';
import { RecordedLog } from '#libs/observability/testing/recorded-log.js';

import { eachRepository } from './each-repository.js';
import { type Repository } from './repository.js';
import { InMemoryRepositoryStore } from './testing/in-memory-repository-store.js';
import { SETTINGS } from './testing/repository-store.contract.js';

describe('eachRepository', () => {
  let log: RecordedLog;
  let repositories: readonly Repository[];
  beforeEach(async () => {
    log = new RecordedLog();
    const store = new InMemoryRepositoryStore();
    for (const name of ['a', 'b', 'c']) await store.add(repositoryName(name), SETTINGS, new Date(0));
    repositories = await store.list();
  });

  it('goes on after a failure, and tells of it at the end', async () => {
    const done: string[] = [];
    const work = async ({ name }: Repository) => {
      done.push(name);
      if (name !== 'c') throw new Error(`${name} is broken`);
    };
    await expect(eachRepository(repositories, log, work)).rejects.toThrow('a is broken');
    expect(done).toEqual(['a', 'b', 'c']);
    expect(log.of('upkeep of a repository failed')).toEqual([
      { repository: 'a', error: 'a is broken' },
      { repository: 'b', error: 'b is broken' },
    ]);
  });

  it('stops between two when told to', async () => {
    const stop = new AbortController();
    const done: string[] = [];
    const work = async ({ name }: Repository) => {
      done.push(name);
      stop.abort('stop');
    };
    await expect(eachRepository(repositories, log, work, stop.signal)).rejects.toBe('stop');
    expect(done).toEqual(['a']);
  });
});
