import { type Clock } from '#libs/kernel/clock.js';
import { before, DAY } from '#libs/kernel/duration.js';
import { AppError } from '#libs/kernel/errors.js';
import { mapAtOnce } from '#libs/kernel/map-at-once.js';
import { type Leases } from '#libs/persistence/lease.js';
import { type Disk, type ObjectInfo } from '#libs/storage/disk.js';
import { assertDiskIsOurs } from '#libs/storage/disk-marker.js';
import { BLOBS, isSha256, type Sha256 } from '#libs/storage/layout.js';

import { someoneWritesBlobs, whileCollectingBlobs } from '../blob-leases.js';
import { type SnapshotIndex } from '../snapshot-index.js';
import { type GarbageMarks } from './garbage-marks.js';
import { type HashSet } from './hash-set.js';
import { neededBlobs, type Unreadable } from './needed-blobs.js';

/** Made or taken over later than this, a blob may be about to get into a manifest. */
const MIN_AGE_MS = DAY;
const BLOBS_AT_ONCE = 1_000;
/** Of a disk that is far away each takes its time. */
const REMOVALS_AT_ONCE = 16;

/** `young`: made or taken over within a day · `marked`: found unneeded for the first time · `removed`: for the second time. */
export type GarbageVerdict = 'young' | 'marked' | 'removed';

export interface Garbage {
  readonly blob: Sha256;
  readonly bytes: number;
  readonly verdict: GarbageVerdict;
}

export interface CollectRequest {
  /** Changes nothing; says of each unneeded blob what would become of it. */
  readonly dryRun: boolean;
  readonly owner: string;
  readonly signal: AbortSignal;
  readonly onGarbage?: (garbage: Garbage) => void;
}

export type Tally = Readonly<Record<'needed' | GarbageVerdict, { readonly blobs: number; readonly bytes: number }>>;

export interface Collected extends Tally {
  /** False when it gave way to somebody who makes blobs; it goes on another time. */
  readonly complete: boolean;
  /** Manifests that cannot be read. What they need stays; somebody should look at them. */
  readonly unreadable: readonly Unreadable[];
}

/**
 * Removes blobs that no manifest needs: in one collection they are marked, in the next, if they are still unneeded and
 * nobody has taken them over for a day, removed. While somebody makes blobs, nothing is removed (trust T-14).
 */
export class CollectGarbage {
  constructor(
    private readonly disk: Disk,
    private readonly marks: GarbageMarks,
    private readonly leases: Leases,
    private readonly clock: Clock,
    private readonly index: SnapshotIndex,
  ) {}

  /** @throws AppError `BLOBS_BUSY`, `DISK_NOT_MARKED`, `MANIFEST_REFUSED` when one is torn that is no snapshot: what cannot be known is not garbage */
  async run(request: CollectRequest): Promise<Collected> {
    await assertDiskIsOurs(this.disk);
    if (request.dryRun) return this.collect(request);
    const collected = await whileCollectingBlobs(this.leases, request.owner, (held) =>
      this.collect({ ...request, signal: AbortSignal.any([request.signal, held]) }),
    );
    if (collected !== undefined) return collected;
    throw new AppError(
      'unavailable',
      'BLOBS_BUSY',
      'A snapshot is being taken, or blobs are being collected already.',
      {
        hint: 'Try again later; the daily collection does so too.',
      },
    );
  }

  private async collect(request: CollectRequest): Promise<Collected> {
    const { needed, unreadable } = await neededBlobs(this.disk, this.index, request.signal);
    const tally = new GarbageTally();
    for await (const blobs of inBatches(this.disk.list(BLOBS), BLOBS_AT_ONCE)) {
      request.signal.throwIfAborted();
      if (!request.dryRun && (await someoneWritesBlobs(this.leases)))
        return { ...tally.counts, unreadable, complete: false };
      await this.collectBatch(blobs, needed, tally, request);
    }
    return { ...tally.counts, unreadable, complete: true };
  }

  private async collectBatch(blobs: readonly Blob[], needed: HashSet, tally: GarbageTally, request: CollectRequest) {
    const marked = await this.marks.marked(blobs.map(({ sha256 }) => sha256));
    const youngest = before(this.clock.now(), MIN_AGE_MS);
    const verdictOf = ({ sha256, info }: Blob): 'needed' | GarbageVerdict => {
      if (needed.mayHave(sha256)) return 'needed';
      if (info.modifiedAt > youngest) return 'young';
      return marked.has(sha256) ? 'removed' : 'marked';
    };
    const judged = blobs.map((blob) => ({ ...blob, verdict: verdictOf(blob) }));
    if (!request.dryRun) await this.carryOut(judged, marked);
    for (const { sha256, info, verdict } of judged) {
      tally.add(verdict, info.size);
      if (verdict !== 'needed') request.onGarbage?.({ blob: sha256, bytes: info.size, verdict });
    }
  }

  private async carryOut(judged: readonly Judged[], marked: ReadonlySet<Sha256>): Promise<void> {
    const hashes = (...verdicts: readonly Judged['verdict'][]): readonly Sha256[] =>
      judged.filter(({ verdict }) => verdicts.includes(verdict)).map(({ sha256 }) => sha256);
    await this.marks.mark(hashes('marked'), this.clock.now());
    const toRemove = judged.filter(({ verdict }) => verdict === 'removed');
    await mapAtOnce(toRemove, REMOVALS_AT_ONCE, ({ info }) => this.removeUnlessTouched(info));
    // Also of those that are needed again: next time they are unneeded, they are so for the first time.
    await this.marks.unmark(hashes('removed', 'needed', 'young').filter((sha256) => marked.has(sha256)));
  }

  /** We may have been paused since we looked: whoever takes over a blob touches it. */
  private async removeUnlessTouched({ key }: ObjectInfo): Promise<void> {
    const now = await this.disk.stat(key);
    // Not compared with the time in the list: S3 servers round that in another way.
    if (now !== undefined && now.modifiedAt <= before(this.clock.now(), MIN_AGE_MS)) await this.disk.remove(key);
  }
}

interface Blob {
  readonly sha256: Sha256;
  readonly info: ObjectInfo;
}

interface Judged extends Blob {
  readonly verdict: 'needed' | GarbageVerdict;
}

class GarbageTally {
  readonly counts: Record<keyof Tally, { blobs: number; bytes: number }> = {
    needed: { blobs: 0, bytes: 0 },
    young: { blobs: 0, bytes: 0 },
    marked: { blobs: 0, bytes: 0 },
    removed: { blobs: 0, bytes: 0 },
  };

  add(verdict: keyof Tally, bytes: number): void {
    this.counts[verdict].blobs += 1;
    this.counts[verdict].bytes += bytes;
  }
}

/** What does not have the name of a blob is none, and left alone. */
async function* inBatches(objects: AsyncIterable<ObjectInfo>, size: number): AsyncGenerator<readonly Blob[]> {
  let batch: Blob[] = [];
  for await (const info of objects) {
    const name = info.key.slice(info.key.lastIndexOf('/') + 1);
    if (isSha256(name)) batch.push({ sha256: name, info });
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  yield batch;
}
