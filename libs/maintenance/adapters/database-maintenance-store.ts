import { type EntityManager } from 'typeorm';

import { type Act } from '#libs/kernel/actor.js';
import { recordAudit } from '#libs/persistence/audit.js';
import { type Database } from '#libs/persistence/database.js';
import { installationTable } from '#libs/persistence/installation.table.js';

import { type MaintenanceStore } from '../maintenance-store.js';
import { type Maintenance } from '../maintenance.js';

const NAME = 'maintenance';
const SUBJECT = 'installation';

/** One row of what is true of the installation, as JSON; there is none while everything goes on. */
export class DatabaseMaintenanceStore implements MaintenanceStore {
  constructor(private readonly database: Database) {}

  find(): Promise<Maintenance | undefined> {
    return this.database.read(found);
  }

  begin(maintenance: Maintenance, act: Act): Promise<Maintenance> {
    return this.database.write(async (manager) => {
      const before = await found(manager);
      const { episode, since } = before ?? maintenance;
      const now = { ...maintenance, episode, since };
      await manager.delete(installationTable, { name: NAME });
      await manager.insert(installationTable, { name: NAME, value: JSON.stringify(now) });
      const { status, retryAfter, refresh, redirect, word } = now;
      await recordAudit(manager, maintenance.since, act, {
        action: before === undefined ? 'begin-maintenance' : 'change-maintenance',
        subject: SUBJECT,
        details: { status, retryAfter, refresh, redirect, bypass: word !== undefined },
      });
      return now;
    });
  }

  end(at: Date, act: Act): Promise<Maintenance | undefined> {
    return this.database.write(async (manager) => {
      const before = await found(manager);
      if (before === undefined) return undefined;
      await manager.delete(installationTable, { name: NAME });
      await recordAudit(manager, at, act, { action: 'end-maintenance', subject: SUBJECT });
      return before;
    });
  }
}

async function found(manager: EntityManager): Promise<Maintenance | undefined> {
  const row = await manager.findOneBy(installationTable, { name: NAME });
  if (row === null) return undefined;
  const kept = JSON.parse(row.value) as Omit<Maintenance, 'since'> & { readonly since: string };
  const { status, retryAfter, refresh, redirect, episode, word } = kept;
  return { status, retryAfter, refresh, redirect, episode, word, since: new Date(kept.since) };
}
