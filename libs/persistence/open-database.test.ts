import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { actor } from '#libs/kernel/actor.js';

import { auditTable, recordAudit } from './audit.js';
import { type Database } from './database.js';
import { openDatabase } from './open-database.js';

describe('openDatabase', () => {
  let database: Database;
  const file = join(mkdtempSync(join(tmpdir(), 'database-')), 'parceler.sqlite');

  beforeAll(async () => {
    database = await openDatabase({ file }, [auditTable]);
  });
  afterAll(() => database.close());

  const entries = () => database.read((manager) => manager.find(auditTable));
  const record = (subject: string) =>
    database.write((manager) =>
      recordAudit(manager, new Date(0), { actor: actor('cli') }, { action: 'test', subject }),
    );

  it('keeps what a transaction wrote, and tells by its version that something changed', async () => {
    const before = database.version();
    await record('first');
    expect((await entries()).map(({ subject }) => subject)).toEqual(['first']);
    expect(database.version()).not.toBe(before);
  });

  it('keeps committed transactions when one beside them fails', async () => {
    const failing = database.write(async (manager) => {
      await recordAudit(manager, new Date(0), { actor: actor('cli') }, { action: 'test', subject: 'lost' });
      throw new Error('on purpose');
    });
    const beside = record('second');
    await expect(failing).rejects.toThrow('on purpose');
    await beside;
    expect((await entries()).map(({ subject }) => subject)).toEqual(['first', 'second']);
  });

  it('refuses a write inside a write instead of waiting for ever', async () => {
    await expect(database.write(() => record('third'))).rejects.toThrow('would wait for itself');
  });
});
