import { IsNull } from 'typeorm';

import { type Act } from '#libs/kernel/actor.js';
import { type SystemId } from '#libs/kernel/ids.js';
import { recordAudit } from '#libs/persistence/audit.js';
import { type Database } from '#libs/persistence/database.js';

import { type Edition } from '../edition.js';
import { withoutHash, type RegisteredSystem, type System, type SystemStore } from '../systems/system-store.js';
import { assertMayAdd, systemNotFound } from '../systems/system-errors.js';
import { beginGeneration } from './generation.table.js';
import { systemTable, toRow, toSystem } from './system.table.js';

export class DatabaseSystemStore implements SystemStore {
  constructor(private readonly database: Database) {}

  async add(system: RegisteredSystem, act: Act, { replace } = { replace: false }): Promise<void> {
    const { id, edition } = system;
    await this.database.write(async (manager) => {
      const before = await manager.findOneBy(systemTable, { id, edition });
      assertMayAdd(system, before === null ? undefined : toSystem(before), replace);
      await manager.delete(systemTable, { id, edition });
      await manager.insert(systemTable, toRow(system));
      await beginGeneration(manager);
      const entry = { action: 'add-system', subject: `system:${id}`, details: { edition } };
      await recordAudit(manager, system.createdAt, act, entry);
    });
  }

  async find(id: SystemId, edition: Edition): Promise<RegisteredSystem | undefined> {
    const row = await this.database.read((manager) => manager.findOneBy(systemTable, { id, edition }));
    return row === null ? undefined : toSystem(row);
  }

  async list(): Promise<readonly RegisteredSystem[]> {
    const rows = await this.database.read((manager) =>
      manager.find(systemTable, { order: { id: 'ASC', edition: 'ASC' } }),
    );
    return rows.map(toSystem);
  }

  revoke(id: SystemId, at: Date, act: Act): Promise<readonly System[]> {
    return this.database.write(async (manager) => {
      await manager.update(systemTable, { id, revokedAt: IsNull() }, { revokedAt: at.getTime() });
      const rows = await manager.find(systemTable, { where: { id }, order: { edition: 'ASC' } });
      if (rows.length === 0) throw systemNotFound(id);
      await beginGeneration(manager);
      await recordAudit(manager, at, act, { action: 'revoke-system', subject: `system:${id}` });
      return rows.map((row) => withoutHash(toSystem(row)));
    });
  }
}
