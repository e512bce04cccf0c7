import { In, type EntityManager } from 'typeorm';

import { type Act } from '#libs/kernel/actor.js';
import { lasts, type Clock } from '#libs/kernel/clock.js';
import { HOUR } from '#libs/kernel/duration.js';
import { messageOf } from '#libs/kernel/errors.js';
import { type SystemId } from '#libs/kernel/ids.js';
import { type Log } from '#libs/observability/log.js';
import { recordAudit } from '#libs/persistence/audit.js';
import { type Database } from '#libs/persistence/database.js';

import { type CredentialKeys, type VerdictKey } from '../credential-keys.js';
import { type KeptVerdict } from '../verdicts/kept-verdict.js';
import { type VerdictOwner, type VerdictStore } from '../verdicts/verdict-store.js';
import { beginGeneration, currentGeneration } from './generation.table.js';
import { toRow, toVerdict, verdictTable, type VerdictRow } from './verdict.table.js';

/** A herd of appliances is one transaction, not thousands. */
const BATCH_DELAY = 50; // ms
const BATCH_SIZE = 1_000; // rows, so that the variables of one statement stay below SQLite's 32,766
const MAX_PENDING = 50_000;
const SWEEP_EVERY = HOUR;

interface Pending {
  readonly row: VerdictRow;
  readonly verdict: KeptVerdict;
  readonly generation: number;
}

/** Verdicts in the database, written in batches. */
export class DatabaseVerdictStore implements VerdictStore {
  private readonly pending = new Map<VerdictKey, Pending>();
  private timer: NodeJS.Timeout | undefined;
  private sweptAt = -Infinity;

  constructor(
    private readonly database: Database,
    private readonly keys: CredentialKeys,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  async find(key: VerdictKey, generation: number): Promise<KeptVerdict | undefined> {
    const pending = this.pending.get(key);
    if (pending?.generation === generation) return pending.verdict;
    const row = await this.database.read((manager) => manager.findOneBy(verdictTable, { key }));
    return row === null ? undefined : toVerdict(row);
  }

  save({ key, systemId, generation }: VerdictOwner, verdict: KeptVerdict): void {
    if (this.pending.size >= MAX_PENDING && !this.pending.has(key)) return; // it is asked for again after a restart
    this.pending.set(key, { row: toRow(key, this.keys.system(systemId), verdict), verdict, generation });
    this.timer ??= setTimeout(() => void this.flush(), BATCH_DELAY);
  }

  async remove(key: VerdictKey): Promise<void> {
    this.pending.delete(key);
    await this.database.write((manager) => manager.delete(verdictTable, { key }));
  }

  async forget(systemId: SystemId, at: Date, act: Act): Promise<number> {
    await this.flush();
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

  /** Writes what is waiting. Never rejects: what cannot be written now is tried with the next batch. */
  async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const batch = [...this.pending].slice(0, BATCH_SIZE);
    if (batch.length === 0) return;
    try {
      await this.database.write((manager) => this.write(manager, batch));
      for (const [key, written] of batch) if (this.pending.get(key) === written) this.pending.delete(key);
    } catch (error) {
      this.log.warn('verdicts could not be written', { count: batch.length, error: messageOf(error) });
      return;
    }
    await this.flush();
  }

  private async write(manager: EntityManager, batch: readonly (readonly [VerdictKey, Pending])[]): Promise<void> {
    const generation = await currentGeneration(manager);
    const rows = batch.filter(([, entry]) => entry.generation === generation).map(([, { row }]) => row);
    if (rows.length > 0) {
      await manager.delete(verdictTable, { key: In(rows.map(({ key }) => key)) });
      await manager.insert(verdictTable, rows);
    }
    await this.sweep(manager);
  }

  private async sweep(manager: EntityManager): Promise<void> {
    const now = this.clock.now().getTime();
    if (lasts(this.sweptAt, SWEEP_EVERY, now)) return;
    this.sweptAt = now;
    await manager.createQueryBuilder().delete().from(verdictTable).where('usable_until <= :now', { now }).execute();
  }
}
