import { createHash } from 'node:crypto';
import fs from 'node:fs';

import { silentLog, type Log } from '#libs/observability/log.js';
import { type Repository } from '#libs/repositories/repository.js';
import { MarkDamaged } from '#libs/snapshots/damage/mark-damaged.js';
import { type NewSnapshot } from '#libs/snapshots/snapshot.js';
import { stableSnapshot } from '#libs/snapshots/stable-snapshot.js';
import { DEBIAN, SnapshotWorld } from '#libs/snapshots/testing/snapshot-world.js';
import { blobKey, type Sha256 } from '#libs/storage/layout.js';

import { type Delivery } from './delivery.js';
import { ReportDamage } from './report-damage.js';

const sha = (content: string): Sha256 => createHash('sha256').update(content).digest('hex') as Sha256;

describe('ReportDamage (T-38, T-134)', () => {
  let world: SnapshotWorld;
  let repository: Repository;
  let old: NewSnapshot;
  let young: NewSnapshot;
  let logged: string[];
  beforeEach(async () => {
    world = await SnapshotWorld.make();
    repository = await world.register();
    world.change({ 'a.deb': 'one' });
    old = await world.take();
    world.change({ 'a.deb': 'two', 'b.deb': 'b' });
    young = await world.take();
    logged = [];
  });
  afterEach(() => {
    world.remove();
  });

  const lose = (content: string, path: string) => {
    fs.rmSync(world.blobPath(sha(content)));
    world.change({ [path]: undefined });
  };
  const log: Log = { ...silentLog, error: (message) => void logged.push(message), with: () => log };
  const reporting = (run?: MarkDamaged['run']): ReportDamage => {
    const { disk, index, repair, snapshots, repositories, clock } = world.parts;
    const markDamaged = new MarkDamaged(disk, index, repair, clock);
    const get = async () => {
      const now = (await repositories.find(DEBIAN)) ?? repository;
      return { repository: now, served: stableSnapshot(await snapshots.list(DEBIAN), now, clock.now()) };
    };
    return new ReportDamage({ get }, run ? { run } : markDamaged, log);
  };
  const delivery = ({ id, sequence }: NewSnapshot, path: string, content: string): Delivery => ({
    repository: DEBIAN,
    snapshot: { id, sequence },
    file: { path, sha256: sha(content), size: content.length, mtimeMs: 0 },
    blob: blobKey(sha(content)),
    contentType: 'x/y',
  });
  const report = (snapshot = young) => reporting().run(delivery(snapshot, 'a.deb', 'two'), 'content is missing');

  it('takes the snapshot out of service', async () => {
    lose('two', 'a.deb');
    await report();
    expect(await world.states()).toEqual({ [old.id]: 'complete', [young.id]: 'damaged' });
    expect(world.snapshots.audit.at(-1)?.act.actor).toBe('api');
    expect(logged).toEqual(['content is damaged, snapshots that have it are served no more']);
  });

  it('leaves it in service when the source gave the content back (T-29)', async () => {
    fs.rmSync(world.blobPath(sha('two')));
    await report();
    expect(await world.states()).toEqual({ [old.id]: 'complete', [young.id]: 'complete' });
    expect(await world.check()).toEqual([]);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['when the disk is not there', async () => fs.rmSync(`${world.root}/.parceler-disk`)],
    ['when it was frozen (I-11)', () => world.freeze(young.id)],
    [
      'when it is the only one (I-04)',
      () => world.snapshots.move(DEBIAN, old.id, 'complete', 'superseded', { actor: 'cli' as never }),
    ],
    ['when another one is served meanwhile', () => world.freeze(old.id)],
  ])('marks nothing %s', async (_, arrange) => {
    lose('two', 'a.deb');
    await arrange();
    await report();
    expect((await world.states())[young.id]).toBe('complete');
  });

  describe('asked often', () => {
    let calls: string[];
    let release: () => void;
    const slow: MarkDamaged['run'] = ({ path }) => {
      calls.push(path);
      return new Promise((resolve) => {
        release = () => {
          resolve({ kind: 'kept', marked: [] });
        };
      });
    };
    beforeEach(() => void (calls = []));

    const begun = async (count: number) => {
      for (let turn = 0; turn < 20 && calls.length < count; turn += 1) await Promise.resolve();
      expect(calls).toHaveLength(count);
    };

    it('deals with one damage of a snapshot at a time, and with the same one once a minute', async () => {
      const damage = reporting(slow);
      const first = damage.run(delivery(young, 'a.deb', 'two'), 'missing');
      await damage.run(delivery(young, 'a.deb', 'two'), 'missing');
      await damage.run(delivery(young, 'b.deb', 'b'), 'missing');
      await begun(1);
      release();
      await first;
      await damage.run(delivery(young, 'a.deb', 'two'), 'missing');
      expect(calls).toEqual(['a.deb']);
      const second = damage.run(delivery(young, 'b.deb', 'b'), 'missing');
      await begun(2);
      release();
      await second;
    });

    it('never rejects, and tries again what failed', async () => {
      const run = jest.fn(() => Promise.reject(new Error('on purpose')));
      const damage = reporting(run);
      await damage.run(delivery(young, 'a.deb', 'two'), 'missing');
      await damage.run(delivery(young, 'a.deb', 'two'), 'missing');
      expect(run).toHaveBeenCalledTimes(2);
      expect(logged).toEqual(['damage could not be dealt with', 'damage could not be dealt with']);
    });
  });
});
