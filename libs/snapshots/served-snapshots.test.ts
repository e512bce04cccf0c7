import { actor } from '#libs/kernel/actor.js';
import { DAY } from '#libs/kernel/duration.js';
import { repositoryName, type RepositoryName } from '#libs/kernel/ids.js';
import { fixedClock } from '#libs/kernel/testing/fixed-clock.js';
import { silentLog } from '#libs/observability/log.js';
import { type RepositorySettings } from '#libs/repositories/repository.js';
import { InMemoryRepositoryStore } from '#libs/repositories/testing/in-memory-repository-store.js';

import { ServedSnapshots, type ServedRepository } from './served-snapshots.js';
import { DEBIAN, idOf, NOON } from './testing/arbitrary-snapshots.js';
import { InMemorySnapshotStore } from './testing/in-memory-snapshot-store.js';
import { ACT, newSnapshot } from './testing/index-under-test.js';

const SETTINGS: RepositorySettings = {
  command: 'true',
  sourceFolder: undefined,
  delay: 7,
  holdBack: 'window',
  schedule: undefined,
  editions: ['community'],
};
const NOBODY = repositoryName('nobody');

/** Stores in memory that count what they are asked, and can be out of reach. */
class World {
  readonly clock = fixedClock(NOON);
  readonly repositories = new InMemoryRepositoryStore();
  readonly snapshots = new InMemorySnapshotStore(undefined, this.clock);
  readonly asked: string[] = [];
  version = 1;
  change = 1;
  isDown = false;
  /** Called once, in the midst of the next read. */
  meanwhile: (() => Promise<unknown>) | undefined;
  readonly logged: string[] = [];
  readonly served: ServedSnapshots;

  constructor() {
    const log = {
      ...silentLog,
      error: (message: string) => void this.logged.push(message),
      info: (message: string) => void this.logged.push(message),
    };
    const stores = {
      repositories: this.observed('', this.repositories),
      snapshots: this.observed('snapshots ', this.snapshots),
    };
    const feed = { version: () => this.version, lastChange: () => this.ask('change', async () => this.change) };
    this.served = new ServedSnapshots(stores, feed, this.clock, log);
  }

  /** Something that does not matter here was committed. */
  commit(): void {
    this.version += 1;
  }

  changed(): void {
    this.version += 1;
    this.change += 1;
  }

  async publish(sequence: number, ageDays: number): Promise<void> {
    const snapshot = { ...newSnapshot(sequence, 0), takenAt: new Date(NOON.getTime() - ageDays * DAY) };
    await this.snapshots.publish(snapshot, [], { ...ACT, fence: { name: 'any', token: 1 } });
    this.changed();
  }

  /** What it was asked since the last time. */
  questions(): readonly string[] {
    return this.asked.splice(0);
  }

  private observed<Store extends object>(prefix: string, store: Store): Store {
    return new Proxy(store, {
      get: (target, property: keyof Store & string) => {
        const method = target[property] as unknown as (...parameters: unknown[]) => Promise<unknown>;
        return (...parameters: unknown[]) => this.ask(prefix + property, () => method.apply(target, parameters));
      },
    });
  }

  private async ask<T>(question: string, answer: () => Promise<T>): Promise<T> {
    this.asked.push(question);
    if (this.isDown) throw new Error('out of reach');
    const result = await answer();
    const { meanwhile } = this;
    if (question === 'find' && meanwhile !== undefined) {
      this.meanwhile = undefined;
      await meanwhile();
    }
    return result;
  }
}

const sequenceOf = (answer: ServedRepository | undefined) => answer?.served?.snapshot.sequence;

describe('ServedSnapshots', () => {
  let world: World;
  const get = async (name: RepositoryName = DEBIAN) => sequenceOf(await world.served.get(name));

  beforeEach(async () => {
    world = new World();
    await world.repositories.add(DEBIAN, SETTINGS, NOON);
    await world.publish(1, 6);
    await world.publish(2, 1);
    await get();
    world.questions();
  });

  it('answers from memory, at once and with the same object, while nothing changes', () => {
    const answer = world.served.get(DEBIAN);
    expect(answer).not.toBeInstanceOf(Promise);
    expect(sequenceOf(answer as ServedRepository)).toBe(1);
    expect(world.served.get(DEBIAN)).toBe(answer);
    expect(world.questions()).toEqual([]);
  });

  it('asks one small question after a commit that changed nothing that is served', async () => {
    const before = world.served.get(DEBIAN);
    world.commit();
    expect(await world.served.get(DEBIAN)).toBe(before);
    expect(world.questions()).toEqual(['change']);
    expect(world.served.get(DEBIAN)).toBe(before);
  });

  it('sees a change at the next request (T-12)', async () => {
    await world.snapshots.move(DEBIAN, idOf(1), 'complete', 'removing', ACT);
    world.changed();
    expect(await get()).toBe(2);
    await world.repositories.freeze(DEBIAN, { snapshot: idOf(2), at: NOON, reason: undefined, until: undefined });
    world.changed();
    expect(await world.served.get(DEBIAN)).toMatchObject({ served: { reason: 'frozen' } });
  });

  it('asks once for all who want to know at the same time', async () => {
    world.changed();
    await Promise.all(Array.from({ length: 50 }, () => get()));
    expect(world.questions()).toEqual(['change', 'find', 'snapshots list']);
  });

  it('does not share an answer with those who know of a later change', async () => {
    world.changed();
    let late: Promise<number | undefined> | undefined;
    world.meanwhile = async () => {
      await world.snapshots.move(DEBIAN, idOf(1), 'complete', 'removing', ACT);
      world.changed();
      late = get();
    };
    await get();
    expect(await late).toBe(2);
    expect(await get()).toBe(2);
  });

  it('never mixes a repository with snapshots of another moment (I-10)', async () => {
    world.changed();
    // Frozen to 1, then 1 would be the answer; a repository read before the freeze and a list read after 1 grew old is neither.
    world.meanwhile = async () => {
      await world.repositories.freeze(DEBIAN, { snapshot: idOf(2), at: NOON, reason: undefined, until: undefined });
      await world.snapshots.move(DEBIAN, idOf(1), 'complete', 'removing', ACT);
      world.changed();
    };
    expect(await world.served.get(DEBIAN)).toMatchObject({ repository: { freeze: {} }, served: { reason: 'frozen' } });
  });

  it('follows time without asking, forward and back (T-42)', () => {
    world.clock.advance(DAY);
    expect(sequenceOf(world.served.get(DEBIAN) as ServedRepository)).toBe(1);
    world.clock.advance(1);
    expect(sequenceOf(world.served.get(DEBIAN) as ServedRepository)).toBe(2);
    world.clock.advance(-1);
    expect(sequenceOf(world.served.get(DEBIAN) as ServedRepository)).toBe(1);
    expect(world.questions()).toEqual([]);
  });

  it('asks nothing for names that do not exist, however many (T-138)', async () => {
    for (let number = 0; number < 100; number += 1)
      expect(await get(repositoryName(`x${String(number)}`))).toBeUndefined();
    expect(world.served.get(NOBODY)).toBeUndefined();
    expect(world.questions()).toEqual([]);
    world.changed();
    for (let number = 0; number < 100; number += 1)
      expect(await get(repositoryName(`y${String(number)}`))).toBeUndefined();
    expect(world.questions()).toEqual(['change', 'list']);
  });

  it('learns of repositories that come and go', async () => {
    expect(await get(NOBODY)).toBeUndefined();
    await world.repositories.add(NOBODY, SETTINGS, NOON);
    world.changed();
    expect(await world.served.get(NOBODY)).toMatchObject({ repository: { name: 'nobody' }, served: undefined });
    await world.repositories.markDeleted(NOBODY);
    world.changed();
    expect(await world.served.get(NOBODY)).toBeUndefined();
    world.questions();
    expect(await world.served.get(NOBODY)).toBeUndefined();
    expect(await get()).toBe(1);
  });

  describe('while the database does not answer (I-24)', () => {
    beforeEach(async () => {
      world.changed();
      world.isDown = true;
    });

    it('goes on with what was known last, and time goes on deciding', async () => {
      expect(await get()).toBe(1);
      world.clock.advance(DAY + 1);
      expect(await get()).toBe(2);
    });

    it('says so once, and when it is over', async () => {
      await get();
      await get();
      world.isDown = false;
      await get();
      await get();
      expect(world.logged).toEqual(['database did not answer; serving what was known last', 'database answers again']);
    });

    it('does not guess about what it never knew', async () => {
      await expect(get(NOBODY)).rejects.toThrow('out of reach');
    });

    it('sees what changed meanwhile as soon as it can', async () => {
      await get();
      await world.snapshots.move(DEBIAN, idOf(1), 'complete', 'removing', { actor: actor('cli') });
      world.isDown = false;
      expect(await get()).toBe(2);
    });
  });

  it('starts over when a backup was restored', async () => {
    await world.snapshots.move(DEBIAN, idOf(1), 'complete', 'removing', ACT);
    world.commit();
    world.change = 1;
    expect(await get()).toBe(2);
  });
});
