import { type Leases } from '#libs/persistence/lease.js';
import { type Disk } from '#libs/storage/disk.js';
import { diskIsOurs } from '#libs/storage/disk-marker.js';
import { STAGING, stagingOf } from '#libs/storage/layout.js';

import { isWritingBlobs } from '../blob-leases.js';

/** Removes the work areas of attempts that died (trust I-15), and answers which. */
export class SweepStaging {
  constructor(
    private readonly disk: Disk,
    private readonly leases: Leases,
  ) {}

  async run(): Promise<readonly string[]> {
    if (!(await diskIsOurs(this.disk))) return [];
    const swept: string[] = [];
    for await (const attempt of this.disk.folders(STAGING)) {
      // An attempt has its lease before it has its folder, and gives it back after that.
      if (await isWritingBlobs(this.leases, attempt)) continue;
      await this.disk.removeAll(stagingOf(attempt));
      swept.push(attempt);
    }
    return swept;
  }
}
