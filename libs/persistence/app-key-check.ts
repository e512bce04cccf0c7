import { createHmac } from 'node:crypto';

import { type EntityManager } from 'typeorm';

import { type Secret } from '#libs/config/secret.js';
import { type Act } from '#libs/kernel/actor.js';
import { AppError } from '#libs/kernel/errors.js';

import { recordAudit } from './audit.js';
import { type Database } from './database.js';
import { installationTable } from './installation.table.js';

/** The row of `installation` that tells which key the database is used with. */
export const APP_KEY_CHECK = 'app-key-check';

/**
 * Whether this process has the `APP_KEY` that the database was used with. Nothing that was hashed with another one can
 * be recognised, and what is hashed with this one the others could not recognise: so who hashes passes this check first.
 *
 * The database keeps a hash of a constant under the key, which says nothing about the key to who does not have it.
 */
export class AppKeyCheck {
  private readonly value: string;

  constructor(
    private readonly database: Database,
    key: Secret<Buffer>,
  ) {
    this.value = createHmac('sha256', key.reveal()).update('parceler key check').digest('base64url');
  }

  /**
   * The first key that passes is the one of the database from then on.
   *
   * @throws AppError `APP_KEY_CHANGED`
   */
  async pass(): Promise<void> {
    const kept = (await this.database.read(find)) ?? (await this.database.write((manager) => this.keep(manager)));
    if (kept !== this.value) throw keyChanged();
  }

  /** Asks without keeping anything. */
  async isOther(): Promise<boolean> {
    const kept = await this.database.read(find);
    return kept !== undefined && kept !== this.value;
  }

  /** Goes on with the key of this process, whatever the database was used with. */
  async adopt(at: Date, act: Act): Promise<void> {
    await this.database.write(async (manager) => {
      await manager.delete(installationTable, { name: APP_KEY_CHECK });
      await this.keep(manager);
      await recordAudit(manager, at, act, { action: 'adopt-key', subject: 'installation' });
    });
  }

  /** Answers what is kept then: ours, unless another process was first. */
  private async keep(manager: EntityManager): Promise<string | undefined> {
    const row = { name: APP_KEY_CHECK, value: this.value };
    await manager.createQueryBuilder().insert().into(installationTable).values(row).orIgnore().execute();
    return find(manager);
  }
}

async function find(manager: EntityManager): Promise<string | undefined> {
  return (await manager.findOneBy(installationTable, { name: APP_KEY_CHECK }))?.value;
}

const keyChanged = (): AppError =>
  new AppError('conflict', 'APP_KEY_CHANGED', 'This is not the APP_KEY that the database was used with.', {
    hint: 'Put the old one back: into APP_KEY, or as app.key into STORAGE_PATH. If it is lost, key:adopt goes on with this one, and every registered system has to be added again.',
  });
