import { In, type EntityManager } from 'typeorm';

import { type Act } from '#libs/kernel/actor.js';
import { lasts, type Clock } from '#libs/kernel/clock.js';
import { HOUR } from '#libs/kernel/duration.js';
import { type SystemId } from '#libs/kernel/ids.js';
import { type Log } from '#libs/observability/log.js';
import { recordAudit } from '#libs/persistence/audit.js';
import { type Database } from '#libs/persistence/database.js';

import { type CredentialKeys, type VerdictKey } from '../credential-keys.js';
import { type KeptVerdict } from '../verdicts/kept-verdict.js';
import { type VerdictOwner, type VerdictStore } from '../verdicts/verdict-store.js';
import { beginGeneration, currentGeneration } from './generation.table.js';
import { PendingVerdicts, type PendingVerdict } from './pending-verdicts.js';
import { toRow, toVerdict, verdictTable } from './verdict.table.js';

const SWEEP_EVERY = HOUR;

/** Verdicts in the database, written in batches. */
export class DatabaseVerdictStore implements VerdictStore {
  private readonly pending: PendingVerdicts;
  private sweptAt = -Infinity;

  constructor(
    private readonly database: Database,
    private readonly keys: CredentialKeys,
    private readonly clock: Clock,
    log: Log,
  ) {
    this.pending = new PendingVerdicts((batch) => this.write(batch), log);
  }

  async find(key: VerdictKey, generation: number): Promise<KeptVerdict | undefined> {
    const pending = this.pending.find(key, generation);
    if (pending !== undefined) return pending;
    const row = await this.database.read((manager) => manager.findOneBy(verdictTable, { key }));
    return row === null ? undefined : toVerdict(row);
  }

  save({ key, systemId, generation }: VerdictOwner, verdict: KeptVerdict): void {
    this.pending.add({ key, systemKey: this.keys.system(systemId), verdict, generation });
  }

  async remove(key: VerdictKey): Promise<void> {
    this.pending.drop(key);
    await this.database.write((manager) => manager.delete(verdictTable, { key }));
  }

  async forget(systemId: SystemId, at: Date, act: Act): Promise<number> {
    await this.pending.flush();
    const systemKey = this.keys.system(systemId);
    return this.database.write(async (manager) => {
      const forgotten = await manager.countBy(verdictTable, { systemKey });
      await manager.delete(verdictTable, { systemKey });
      await beginGeneration(manager);
      await recordAudit(manager, at, act, { action: 'forget-system', subject: `system:${systemId}` });
      return forgotten;
    });
  }

  generation(): Promise<number> {
    return this.database.read(currentGeneration);
  }

  version(): number {
    return this.database.version();
  }

  flush(): Promise<void> {
    return this.pending.flush();
  }

  /** The database closes after us. */
  close(): Promise<void> {
    return this.flush();
  }

  private write(batch: readonly PendingVerdict[]): Promise<void> {
    return this.database.write(async (manager) => {
      const generation = await currentGeneration(manager);
      const rows = batch.filter((pending) => pending.generation === generation).map(toRow);
      if (rows.length > 0) {
        await manager.delete(verdictTable, { key: In(rows.map(({ key }) => key)) });
        await manager.insert(verdictTable, rows);
      }
      await this.sweep(manager);
    });
  }

  private async sweep(manager: EntityManager): Promise<void> {
    const now = this.clock.now().getTime();
    if (lasts(this.sweptAt, SWEEP_EVERY, now)) return;
    this.sweptAt = now;
    await manager.createQueryBuilder().delete().from(verdictTable).where('usable_until <= :now', { now }).execute();
  }
}
