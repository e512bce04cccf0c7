import { createHash } from 'node:crypto';
import fs from 'node:fs';

import { AppError } from '#libs/kernel/errors.js';
import { type Repository } from '#libs/repositories/repository.js';
import { type Disk } from '#libs/storage/disk.js';
import { type Sha256 } from '#libs/storage/layout.js';
import { failingDisk } from '#libs/storage/testing/failing-disk.js';

import { MarkDamaged } from './mark-damaged.js';
import { RepairBlob } from './repair-blob.js';
import { type NewSnapshot } from '../snapshot.js';
import { BY_TEST, DEBIAN, SnapshotWorld } from '../testing/snapshot-world.js';
import { VerifySnapshot, type Verification } from './verify-snapshot.js';

const sha = (content: string): Sha256 => createHash('sha256').update(content).digest('hex') as Sha256;
const signal = new AbortController().signal;

describe('damage', () => {
  let world: SnapshotWorld;
  let repository: Repository;
  let old: NewSnapshot;
  let middle: NewSnapshot;
  let newest: NewSnapshot;
  beforeEach(async () => {
    world = await SnapshotWorld.make();
    repository = await world.register();
    world.change({ shared: 'shared', changing: 'one' });
    old = await world.take();
    world.change({ changing: 'two' });
    middle = await world.take();
    newest = await world.take();
  });
  afterEach(() => {
    world.remove();
  });

  const lose = (content: string) => {
    fs.rmSync(world.blobPath(sha(content)));
  };
  const rot = (content: string) => {
    fs.writeFileSync(world.blobPath(sha(content)), content.toUpperCase());
  };

  describe('MarkDamaged', () => {
    const report = (snapshot: NewSnapshot, path: string, disk: Disk = world.disk, as = repository) =>
      new MarkDamaged(disk, world.index, new RepairBlob(disk, world.source, world.leases), world.clock).run({
        repository: as,
        snapshot: snapshot.id,
        path,
        act: BY_TEST,
        signal,
      });

    it('does nothing about what is whole, or was never there', async () => {
      expect(await report(newest, 'shared')).toEqual({ kind: 'none', marked: [] });
      expect(await report(newest, 'no/such/file')).toEqual({ kind: 'none', marked: [] });
      expect(await report({ ...newest, id: 'x' as never }, 'shared')).toEqual({ kind: 'none', marked: [] });
    });

    it.each([
      ['missing', lose],
      ['wrong', rot],
    ])('brings back content that is %s as long as the source has it (T-29)', async (_, damage) => {
      damage('shared');
      expect(await report(newest, 'shared')).toEqual({ kind: 'repaired', marked: [] });
      expect(await world.check()).toEqual([]);
    });

    it('takes all snapshots out of service that have the damage, when one is left (T-38)', async () => {
      lose('one');
      expect(await report(old, 'changing')).toEqual({ kind: 'marked', marked: [old.id] });
      expect(await world.snapshots.find(DEBIAN, old.id)).toMatchObject({
        state: 'damaged',
        note: 'The content of "changing" is missing or wrong.',
      });
      expect(await world.check()).toEqual([]);
    });

    it('keeps the newest one when all have the damage: a file less is better than nothing (I-04)', async () => {
      world.change({ shared: undefined, changing: 'two' });
      lose('shared');
      expect(await report(middle, 'shared')).toEqual({ kind: 'kept', marked: [old.id, middle.id] });
      expect(await world.states()).toEqual({ [old.id]: 'damaged', [middle.id]: 'damaged', [newest.id]: 'complete' });
    });

    describe('of a frozen repository (I-11)', () => {
      const reportFrozen = async (path: string) =>
        report(newest, path, world.disk, (await world.repositories.find(DEBIAN)) ?? repository);

      it('leaves in service what it is frozen to, and only that', async () => {
        await world.freeze(middle.id);
        world.change({ shared: undefined, changing: 'two' });
        lose('shared');
        expect(await reportFrozen('shared')).toEqual({ kind: 'kept', marked: [old.id, newest.id] });
        expect((await world.states())[middle.id]).toBe('complete');
      });

      it('marks all that have the damage when the frozen one is whole', async () => {
        await world.freeze(old.id);
        world.change({ changing: 'three' });
        lose('two');
        expect(await reportFrozen('changing')).toEqual({ kind: 'marked', marked: [middle.id, newest.id] });
      });

      it('keeps nothing for a freeze that has ended', async () => {
        await world.freeze(old.id, new Date(world.clock.now().getTime() + 1));
        world.clock.advance(1);
        lose('one');
        expect(
          await report(old, 'changing', world.disk, (await world.repositories.find(DEBIAN)) ?? repository),
        ).toEqual({
          kind: 'marked',
          marked: [old.id],
        });
      });
    });

    it('lets the next snapshot bring back what the source has again', async () => {
      world.change({ shared: undefined });
      lose('shared');
      await report(middle, 'shared');
      world.change({ shared: 'shared' });
      await world.take();
      expect(await world.check()).toEqual([]);
    });

    it('does nothing while the disk is not mounted', async () => {
      fs.rmSync(`${world.root}/.parceler-disk`);
      lose('one');
      expect(await report(old, 'changing')).toEqual({ kind: 'none', marked: [] });
    });

    it('does not throw away what the disk only fails to read', async () => {
      const error = new AppError('unavailable', 'DISK_FAILED', 'EIO');
      expect(
        await report(old, 'changing', failingDisk(world.disk, 'read', 1, { kind: 'half', error, sticky: true })),
      ).toEqual({
        kind: 'marked',
        marked: [old.id],
      });
      expect(fs.existsSync(world.blobPath(sha('one')))).toBe(true);
    });
  });

  describe('VerifySnapshot', () => {
    const verify = (snapshot: NewSnapshot, onProgress?: (progress: unknown) => void): Promise<Verification> => {
      const { disk, index, repositories, repair } = world.parts;
      return new VerifySnapshot(disk, index, repositories, repair, world.clock).run({
        repository: DEBIAN,
        snapshot: snapshot.id,
        act: BY_TEST,
        signal,
        ...(onProgress ? { onProgress } : {}),
      });
    };

    it('finds nothing where nothing is wrong, and tells how far it is', async () => {
      const progress: unknown[] = [];
      expect(await verify(old, (each) => progress.push(each))).toEqual({
        snapshot: old.id,
        files: 2,
        bytes: 9,
        manifestSound: true,
        problems: [],
        sound: true,
        state: 'complete',
        movedTo: undefined,
        alsoMarked: [],
        keptDamaged: undefined,
      });
      expect(progress).toEqual([
        { files: 1, bytes: 3 },
        { files: 2, bytes: 9 },
      ]);
    });

    it('repairs what the source still has, so that a second look finds nothing (T-29)', async () => {
      rot('shared');
      lose('two');
      expect(await verify(newest)).toMatchObject({
        sound: true,
        problems: [
          { path: 'changing', state: 'missing', repaired: true },
          { path: 'shared', state: 'wrong', repaired: true },
        ],
      });
      expect(await verify(newest)).toMatchObject({ sound: true, problems: [] });
    });

    it('marks a snapshot that it cannot repair, and takes the mark back when it is whole again', async () => {
      lose('one');
      expect(await verify(old)).toMatchObject({
        sound: false,
        movedTo: 'damaged',
        problems: [{ path: 'changing', state: 'missing', repaired: false }],
      });
      expect(await verify(old)).toMatchObject({ sound: false, movedTo: undefined });
      fs.writeFileSync(world.blobPath(sha('one')), 'one');
      expect(await verify(old)).toMatchObject({ sound: true, movedTo: 'complete' });
      expect(await world.check()).toEqual([]);
    });

    it('takes all out of service that have the damage, but for the newest when all have it, as a request does (T-38, I-04)', async () => {
      world.change({ shared: undefined });
      rot('shared');
      expect(await verify(old)).toMatchObject({
        sound: false,
        movedTo: 'damaged',
        alsoMarked: [middle.id],
        keptDamaged: newest.id,
      });
      expect(await world.states()).toEqual({ [old.id]: 'damaged', [middle.id]: 'damaged', [newest.id]: 'complete' });
      expect(await world.snapshots.find(DEBIAN, middle.id)).toMatchObject({
        note: 'The content of "shared" is missing or wrong.',
      });
    });

    it('takes out of service others that have the damage of one which is out already', async () => {
      world.change({ shared: undefined, changing: 'three', more: '1', most: '2' });
      const whole = await world.take();
      await world.snapshots.move(DEBIAN, old.id, 'complete', 'superseded', BY_TEST);
      lose('shared');
      expect(await verify(old)).toMatchObject({
        state: 'superseded',
        movedTo: undefined,
        alsoMarked: [middle.id, newest.id],
        keptDamaged: undefined,
      });
      expect((await world.states())[whole.id]).toBe('complete');
    });

    it('keeps what the repository is frozen to, and says so (I-11)', async () => {
      await world.freeze(middle.id);
      world.change({ shared: undefined });
      lose('shared');
      expect(await verify(old)).toMatchObject({
        movedTo: 'damaged',
        alsoMarked: [newest.id],
        keptDamaged: middle.id,
      });
    });

    it.each(['manifests', 'blobs'])('believes nothing of a disk that is not mounted, its %s neither', async (gone) => {
      fs.rmSync(`${world.root}/.parceler-disk`);
      if (gone === 'blobs') lose('one');
      else fs.rmSync(`${world.root}/snapshots/debian`, { recursive: true });
      await expect(verify(old)).rejects.toMatchObject({ code: 'DISK_NOT_MARKED' });
      expect((await world.states())[old.id]).toBe('complete');
    });

    it('does not bring back into service what a milestone has superseded meanwhile', async () => {
      lose('one');
      await verify(old);
      await world.snapshots.supersedeBefore(DEBIAN, { ...newest, at: world.clock.now() }, BY_TEST);
      fs.writeFileSync(world.blobPath(sha('one')), 'one');
      expect(await verify(old)).toMatchObject({ sound: true, movedTo: 'superseded' });
      expect(await world.snapshots.find(DEBIAN, old.id)).toMatchObject({ state: 'superseded' });
    });

    it('brings back what an operator had restored in spite of the milestone', async () => {
      await world.snapshots.supersedeBefore(DEBIAN, { ...newest, at: world.clock.now() }, BY_TEST);
      world.clock.advance(1);
      await world.snapshots.move(DEBIAN, old.id, 'superseded', 'complete', BY_TEST);
      lose('one');
      await verify(old);
      fs.writeFileSync(world.blobPath(sha('one')), 'one');
      expect(await verify(old)).toMatchObject({ sound: true, movedTo: 'complete' });
    });

    it.each(['altered', 'missing'])('says that the manifest is %s (I-03)', async (how) => {
      if (how === 'missing') fs.rmSync(world.manifestPath(old.id));
      else fs.copyFileSync(world.manifestPath(middle.id), world.manifestPath(old.id));
      expect(await verify(old)).toMatchObject({ manifestSound: false, sound: false, movedTo: 'damaged' });
    });

    it('leaves the last one that can be served in service (I-04)', async () => {
      for (const { id } of [middle, newest]) await world.snapshots.move(DEBIAN, id, 'complete', 'superseded', BY_TEST);
      lose('one');
      expect(await verify(old)).toMatchObject({ sound: false, movedTo: undefined });
      expect(await world.snapshots.find(DEBIAN, old.id)).toMatchObject({ state: 'complete' });
    });

    it('leaves states alone that it does not decide', async () => {
      await world.snapshots.move(DEBIAN, old.id, 'complete', 'superseded', BY_TEST);
      lose('one');
      expect(await verify(old)).toMatchObject({ sound: false, movedTo: undefined });
      expect(await world.snapshots.find(DEBIAN, old.id)).toMatchObject({ state: 'superseded' });
    });

    it('says what is not there', async () => {
      await expect(verify({ ...old, id: '20200101T000000Z' as never })).rejects.toMatchObject({
        code: 'SNAPSHOT_NOT_FOUND',
      });
    });
  });
});
