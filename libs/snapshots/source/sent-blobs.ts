import { type Readable } from 'node:stream';

import { type Clock } from '#libs/kernel/clock.js';
import { before, HOUR } from '#libs/kernel/duration.js';
import { type Disk } from '#libs/storage/disk.js';
import { blobKey, type Sha256 } from '#libs/storage/layout.js';

/** A blob that is older is touched when it is taken over: the collector of garbage leaves alone what is younger than a day. */
const TOUCH_AFTER_MS = 12 * HOUR;

/** Blobs as one attempt makes them on any disk, each content once. */
export class SentBlobs {
  private readonly kept = new Map<Sha256, Promise<void>>();

  constructor(
    private readonly disk: Disk,
    private readonly clock: Clock,
  ) {}

  /** Takes over the blob that is there, and keeps the collector of garbage away from it, or makes it. */
  async keep(sha256: Sha256, size: number, body: () => Readable | Uint8Array): Promise<void> {
    const keeping = this.kept.get(sha256) ?? this.make(sha256, size, body);
    this.kept.set(sha256, keeping);
    try {
      await keeping;
    } catch (error) {
      this.kept.delete(sha256);
      throw error;
    }
  }

  private async make(sha256: Sha256, size: number, body: () => Readable | Uint8Array): Promise<void> {
    const key = blobKey(sha256);
    const found = await this.disk.stat(key);
    if (found?.size === size) {
      if (found.modifiedAt > before(this.clock.now(), TOUCH_AFTER_MS)) return;
      if (await this.disk.touch(key)) return;
    }
    await this.disk.write(key, body());
  }
}
