import { type Database } from '#libs/persistence/database.js';
import { diskIsOurs } from '#libs/storage/disk-marker.js';
import { type Disk } from '#libs/storage/disk.js';

export type Part = 'database' | 'disk' | 'shutting down';

/**
 * What keeps this process from serving. Neither the licence authority nor the queue: an outage elsewhere must not take
 * serving down (trust 2.8).
 */
export class Readiness {
  private draining = false;

  constructor(
    private readonly database: Database,
    private readonly disk: Disk,
  ) {}

  /** From now on no new requests are wanted. */
  drain(): void {
    this.draining = true;
  }

  async problems(): Promise<readonly Part[]> {
    const [database, disk] = await Promise.all([
      works(async () => {
        await this.database.read((manager) => manager.query('select 1'));
        return this.database.stillOurs();
      }),
      works(() => diskIsOurs(this.disk)),
    ]);
    return [
      ...(database ? [] : (['database'] as const)),
      ...(disk ? [] : (['disk'] as const)),
      ...(this.draining ? (['shutting down'] as const) : []),
    ];
  }
}

async function works(check: () => Promise<boolean>): Promise<boolean> {
  try {
    return await check();
  } catch {
    return false;
  }
}
