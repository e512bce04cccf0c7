import { Secret } from '#libs/config/secret.js';
import { actor } from '#libs/kernel/actor.js';
import { fixedClock } from '#libs/kernel/testing/fixed-clock.js';
import { auditSince, auditTable } from '#libs/persistence/audit.js';
import { installationTable } from '#libs/persistence/installation.table.js';
import { describeEachDatabase } from '#libs/persistence/testing/each-database.js';
import { type TemporaryDatabase } from '#libs/persistence/testing/temporary-database.js';

import { DatabaseMaintenanceStore } from './adapters/database-maintenance-store.js';
import { BeginMaintenance } from './begin-maintenance.js';
import { BypassKeys } from './bypass-keys.js';
import { bypassWord } from './bypass-word.js';
import { EndMaintenance } from './end-maintenance.js';
import { USUAL_ANSWER } from './maintenance.js';

const act = { actor: actor('cli', 'test') };
const word = bypassWord('canary-let-me-in');

describeEachDatabase('beginning and ending a maintenance', (makeDatabase) => {
  let temporary: TemporaryDatabase;
  const clock = fixedClock('2026-03-10T00:00:00Z');
  beforeEach(async () => {
    temporary = await makeDatabase([installationTable, auditTable]);
  });
  afterEach(() => temporary.remove());

  const keys = new BypassKeys(new Secret(Buffer.alloc(32, 1)));
  const store = () => new DatabaseMaintenanceStore(temporary.database);
  const begin = (options: Parameters<BeginMaintenance['run']>[0] = {}) =>
    new BeginMaintenance(store(), keys, clock).run(options, act);
  const end = () => new EndMaintenance(store(), clock).run(act);
  const audit = () =>
    temporary.database.read(async (manager) => {
      const records = await auditSince(manager, ['installation'], new Date(0));
      return records.map(({ action, details }) => ({ action, details })).toReversed();
    });

  it('is on until it is ended, with what was said of it', async () => {
    expect(await store().find()).toBeUndefined();
    const begun = await begin({ status: 404, redirect: '/soon', refresh: 15, word });
    expect(begun).toMatchObject({ status: 404, retryAfter: 60, redirect: '/soon', refresh: 15, since: clock.now() });
    expect(keys.isWord(begun, word)).toBe(true);
    expect(await store().find()).toEqual(begun);
    expect(await end()).toEqual(begun);
    expect(await store().find()).toBeUndefined();
  });

  it('has usual answers, which count again when they are not repeated, and lets nobody in', async () => {
    await begin({ status: 404, retryAfter: 5, refresh: 15, redirect: '/soon', word });
    expect(await begin()).toMatchObject({ ...USUAL_ANSWER, word: undefined });
  });

  it('stays the same one when something else is said of it, and is another one the next time (T-143)', async () => {
    const first = await begin();
    clock.advance(60_000);
    expect(await begin({ retryAfter: 5 })).toMatchObject({ episode: first.episode, since: first.since });
    await end();
    const second = await begin();
    expect(second.episode).not.toBe(first.episode);
    expect(second.since).toEqual(clock.now());
  });

  it('may be ended where there is none', async () => {
    expect(await end()).toBeUndefined();
    expect(await audit()).toEqual([]);
  });

  it('leaves a record of each change, and the word in none (I-30, T-143)', async () => {
    await begin({ redirect: '/soon', word });
    await begin();
    await end();
    expect(await audit()).toEqual([
      { action: 'begin-maintenance', details: { status: 503, retryAfter: 60, redirect: '/soon', bypass: true } },
      { action: 'change-maintenance', details: { status: 503, retryAfter: 60, bypass: false } },
      { action: 'end-maintenance', details: {} },
    ]);
    const rows = await temporary.database.read((manager) =>
      manager.query<unknown>('select * from installation, audit'),
    );
    expect(JSON.stringify(rows)).not.toContain(word);
  });
});
