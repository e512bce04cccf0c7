import { IsNull, Not, type EntityManager, type QueryDeepPartialEntity } from 'typeorm';

import { type Act } from '#libs/kernel/actor.js';
import { type RepositoryName } from '#libs/kernel/ids.js';
import { auditSince, recordAudit } from '#libs/persistence/audit.js';
import { type Database } from '#libs/persistence/database.js';
import { assertFence } from '#libs/persistence/fence.js';
import { type Fence } from '#libs/persistence/lease.js';
import { isUniqueViolation } from '#libs/persistence/unique-violation.js';

import { repositoryNotFound } from '../get-repository.js';
import { repositoryExists, repositoryFrozen, repositoryNotFrozen } from '../repository-errors.js';
import { type PolicyChange, type RepositoryStore } from '../repository-store.js';
import { isFrozen, type Freeze, type Repository, type RepositorySettings } from '../repository.js';
import { settingsChanges } from '../settings-changes.js';
import { freezeDetails, policyBefore } from './policy-change.js';
import {
  freezeColumns,
  repositoryTable,
  settingsColumns,
  toRepository,
  type RepositoryRow,
} from './repository.table.js';

/** Who changed what and when, for the audit log. */
interface Change {
  readonly action: string;
  readonly at: Date;
  readonly act: Act;
  readonly details?: Readonly<Record<string, unknown>>;
}

export class DatabaseRepositoryStore implements RepositoryStore {
  constructor(private readonly database: Database) {}

  async add(name: RepositoryName, settings: RepositorySettings, at: Date, act: Act): Promise<Repository> {
    const { command: _command, ...details } = settings; // it may hold passwords
    try {
      return await this.database.write(async (manager) => {
        const taken = await manager.findOneBy(repositoryTable, { name });
        if (taken) throw repositoryExists(name, taken.deletedAt !== null);
        await manager.insert(repositoryTable, { name, ...settingsColumns(settings), createdAt: at.getTime() });
        await record(manager, name, { action: 'register-repository', at, act, details });
        return find(manager, name);
      });
    } catch (error) {
      throw isUniqueViolation(error) ? repositoryExists(name, false) : error;
    }
  }

  find(name: RepositoryName): Promise<Repository | undefined> {
    return this.database.read(async (manager) => {
      const row = await living(manager).andWhere('repository.name = :name', { name }).getOne();
      return row === null ? undefined : toRepository(row);
    });
  }

  list(): Promise<readonly Repository[]> {
    return this.database.read(async (manager) => {
      const rows = await living(manager).orderBy('repository.name').getMany();
      return rows.map(toRepository);
    });
  }

  update(name: RepositoryName, changes: Partial<RepositorySettings>, at: Date, act: Act): Promise<Repository> {
    return this.database.write(async (manager) => {
      const before = await find(manager, name);
      const after = { ...before, ...changes };
      const details = settingsChanges(before, after);
      if (Object.keys(details).length === 0) return before;
      return change(manager, after, settingsColumns(after), { action: 'update-repository', at, act, details });
    });
  }

  policyChanges(name: RepositoryName, since: Date): Promise<readonly PolicyChange[]> {
    return this.database.read(async (manager) => {
      const records = await auditSince(manager, [subjectOf(name)], since);
      return records.flatMap((record) => {
        const before = policyBefore(record);
        return before === undefined ? [] : [{ at: record.at, before }];
      });
    });
  }

  freeze(name: RepositoryName, freeze: Freeze, act: Act): Promise<Repository> {
    return this.database.write(async (manager) => {
      const before = await find(manager, name);
      if (before.freeze && isFrozen(before, freeze.at)) throw repositoryFrozen(name, before.freeze);
      const columns = freezeColumns(freeze);
      // One that has ended by itself still says what was served up to then.
      const details = { ...freezeDetails(freeze), replaces: before.freeze && freezeDetails(before.freeze) };
      return change(manager, before, columns, { action: 'freeze-repository', at: freeze.at, act, details });
    });
  }

  unfreeze(name: RepositoryName, at: Date, act: Act): Promise<Repository> {
    return this.database.write(async (manager) => {
      const before = await find(manager, name);
      if (before.freeze === undefined || !isFrozen(before, at)) throw repositoryNotFrozen(name);
      const details = { ...freezeDetails(before.freeze) };
      return change(manager, before, freezeColumns(undefined), { action: 'unfreeze-repository', at, act, details });
    });
  }

  markDeleted(name: RepositoryName, at: Date, act: Act): Promise<void> {
    return this.database.write(async (manager) => {
      const { id } = await find(manager, name);
      await manager.update(repositoryTable, { id }, { deletedAt: at.getTime() });
      await record(manager, name, { action: 'delete-repository', at, act });
    });
  }

  listDeleted(): Promise<readonly Repository[]> {
    return this.database.read(async (manager) => {
      const deleted = manager
        .createQueryBuilder(repositoryTable, 'repository')
        .where('repository.deletedAt is not null');
      return (await deleted.orderBy('repository.name').getMany()).map(toRepository);
    });
  }

  forget(id: number, fence: Fence): Promise<void> {
    return this.database.write(async (manager) => {
      await assertFence(manager, fence);
      await manager.delete(repositoryTable, { id, deletedAt: Not(IsNull()) });
    });
  }
}

const living = (manager: EntityManager) =>
  manager.createQueryBuilder(repositoryTable, 'repository').where('repository.deletedAt is null');

async function find(manager: EntityManager, name: RepositoryName): Promise<Repository> {
  const row = await living(manager).andWhere('repository.name = :name', { name }).getOne();
  if (row === null) throw repositoryNotFound(name);
  return toRepository(row);
}

async function change(
  manager: EntityManager,
  { id, name }: Repository,
  columns: QueryDeepPartialEntity<RepositoryRow>,
  by: Change,
): Promise<Repository> {
  await manager.update(repositoryTable, { id }, columns);
  await record(manager, name, by);
  return find(manager, name);
}

const record = (manager: EntityManager, name: RepositoryName, { at, act, ...entry }: Change): Promise<void> =>
  recordAudit(manager, at, act, { ...entry, subject: subjectOf(name) });

const subjectOf = (name: RepositoryName): string => `repository:${name}`;
