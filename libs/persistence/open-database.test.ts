import { actor } from '#libs/kernel/actor.js';

import { auditTable, recordAudit } from './audit.js';
import { type Database } from './database.js';
import { describeEachDatabase } from './testing/each-database.js';

describeEachDatabase('openDatabase', (makeDatabase) => {
  let database: Database;
  let remove: () => Promise<void>;

  beforeAll(async () => {
    ({ database, remove } = await makeDatabase([auditTable]));
  });
  afterAll(() => remove());

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

  it('makes a write inside a write a part of it, which sees what was changed so far', async () => {
    const seen = await database.write(async () => {
      await record('third');
      return entries();
    });
    expect(seen.map(({ subject }) => subject)).toContain('third');
    expect(await entries()).toEqual(seen);
  });

  it('keeps nothing of a whole when a part of it fails, even if the failure is caught', async () => {
    const before = await entries();
    const whole = database.write(async () => {
      await record('fourth');
      await database.write(() => Promise.reject(new Error('the part fails'))).catch(() => undefined);
    });
    await expect(whole).rejects.toThrow('the part fails');
    expect(await entries()).toEqual(before);
  });

  it('does not join a transaction that is over', async () => {
    const late: Promise<void>[] = [];
    let begin: () => void = () => undefined;
    await database.write(async () => {
      const over = new Promise<void>((resolve) => {
        begin = resolve;
      });
      late.push(over.then(() => record('late')));
      await record('whole');
    });
    begin();
    await Promise.all(late);
    expect((await entries()).map(({ subject }) => subject).slice(-2)).toEqual(['whole', 'late']);
  });
});
