import { repositoryName, snapshotId, type SnapshotId } from '#libs/kernel/ids.js';
import { silentLog } from '#libs/observability/log.js';
import { type Repository } from '#libs/repositories/repository.js';
import { type Snapshot, type SnapshotState } from '#libs/snapshots/snapshot.js';
import { stableSnapshot } from '#libs/snapshots/stable-snapshot.js';
import { MemoryDisk } from '#libs/storage/adapters/memory-disk.js';
import { markDisk } from '#libs/storage/disk-marker.js';
import { blobKey, type Sha256 } from '#libs/storage/layout.js';

import { type Delivery } from './delivery.js';
import { ReportDamage } from './report-damage.js';

const debian = repositoryName('debian');
const now = new Date('2026-03-10T00:00:00Z');
const sha256 = 'ab'.repeat(32) as Sha256;
const old = snapshotId('20260301T000000Z');
const young = snapshotId('20260309T000000Z');
const snapshot = (id: Snapshot['id'], sequence: number, state: SnapshotState): Snapshot =>
  ({ repository: debian, id, sequence, state, takenAt: now }) as Snapshot;

/** The younger one is served, and its content is found damaged. */
async function report({
  oldState = 'complete',
  frozen = false,
  marked = true,
  served = young,
}: { oldState?: SnapshotState; frozen?: boolean; marked?: boolean; served?: SnapshotId } = {}) {
  const repository = {
    name: debian,
    delay: 0,
    holdBack: 'window',
    freeze: frozen ? { snapshot: young, at: now, reason: undefined, until: undefined } : undefined,
  } as Repository;
  const snapshots = [snapshot(old, 1, oldState), snapshot(young, 2, 'complete')];
  const moves: unknown[][] = [];
  const disk = new MemoryDisk();
  if (marked) await markDisk(disk);
  const damage = new ReportDamage(
    { get: () => ({ repository, served: stableSnapshot(snapshots, repository, now) }) },
    { move: async (...move) => moves.push(move) > 0 },
    disk,
    silentLog,
  );
  const delivery: Delivery = {
    repository: debian,
    snapshot: { id: served, sequence: 2 },
    file: { path: 'pool/a.deb', sha256, size: 1, mtimeMs: 0 },
    blob: blobKey(sha256),
    contentType: 'x/y',
  };
  await Promise.all([damage.run(delivery, 'content is missing'), damage.run(delivery, 'content is missing')]);
  return moves;
}

describe('ReportDamage (T-38, T-134)', () => {
  it('marks the snapshot, once, and says what was wrong with it', async () => {
    const note = '"pool/a.deb": content is missing.';
    expect(await report()).toEqual([[debian, young, 'complete', 'damaged', { actor: 'api', note }]]);
  });

  it.each([
    ['when the disk is not there', { marked: false }],
    ['when it was frozen (I-11)', { frozen: true }],
    ['when the only other one is held (I-04)', { oldState: 'held' as const }],
    ['when the only other one is superseded', { oldState: 'superseded' as const }],
    ['when another one is served meanwhile', { served: old }],
  ])('marks nothing %s', async (_, circumstances) => {
    expect(await report(circumstances)).toEqual([]);
  });
});
