import { failingParts, type Part } from '#libs/composition/failing-parts.js';
import { type Database } from '#libs/persistence/database.js';
import { type Disk } from '#libs/storage/disk.js';

/** What keeps this process from serving. */
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

  async problems(): Promise<readonly (Part | 'shutting down')[]> {
    const failing = await failingParts(this.database, this.disk);
    return [...failing, ...(this.draining ? (['shutting down'] as const) : [])];
  }
}
