import { type Sha256 } from '#libs/storage/layout.js';

import { type GarbageMarks } from '../garbage/garbage-marks.js';

export class InMemoryGarbageMarks implements GarbageMarks {
  private readonly marks = new Set<Sha256>();

  marked(blobs: readonly Sha256[]): Promise<ReadonlySet<Sha256>> {
    return Promise.resolve(new Set(blobs.filter((blob) => this.marks.has(blob))));
  }

  mark(blobs: readonly Sha256[]): Promise<void> {
    for (const blob of blobs) this.marks.add(blob);
    return Promise.resolve();
  }

  unmark(blobs: readonly Sha256[]): Promise<void> {
    for (const blob of blobs) this.marks.delete(blob);
    return Promise.resolve();
  }
}
