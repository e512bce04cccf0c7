import { type Act } from '#libs/kernel/actor.js';
import { type SystemId } from '#libs/kernel/ids.js';

import { type VerdictKey } from '../credential-keys.js';
import { type KeptVerdict } from '../verdicts/kept-verdict.js';
import { type VerdictOwner, type VerdictStore } from '../verdicts/verdict-store.js';

export class InMemoryVerdictStore implements VerdictStore {
  private readonly kept = new Map<VerdictKey, { readonly systemId: SystemId; readonly verdict: KeptVerdict }>();
  private current = 1;
  private changes = 0;
  /** While true, everything fails as a database that is down does. */
  down = false;

  async find(key: VerdictKey): Promise<KeptVerdict | undefined> {
    this.check();
    return this.kept.get(key)?.verdict;
  }

  save({ key, systemId, generation }: VerdictOwner, verdict: KeptVerdict): void {
    if (this.down || generation !== this.current) return;
    this.kept.set(key, { systemId, verdict });
    this.changes += 1;
  }

  async remove(key: VerdictKey): Promise<void> {
    this.check();
    this.kept.delete(key);
    this.changes += 1;
  }

  async forget(systemId: SystemId, _at: Date, _act: Act): Promise<number> {
    this.check();
    const keys = [...this.kept].filter(([, entry]) => entry.systemId === systemId).map(([key]) => key);
    for (const key of keys) this.kept.delete(key);
    this.current += 1;
    this.changes += 1;
    return keys.length;
  }

  async generation(): Promise<number> {
    this.check();
    return this.current;
  }

  version(): number {
    this.check();
    return this.changes;
  }

  async close(): Promise<void> {
    this.down = true;
  }

  private check(): void {
    if (this.down) throw new Error('the database is down');
  }
}
