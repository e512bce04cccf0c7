import { Secret } from '#libs/config/secret.js';
import { actor } from '#libs/kernel/actor.js';

import { AppKeyCheck } from './app-key-check.js';
import { auditTable } from './audit.js';
import { installationTable } from './installation.table.js';
import { describeEachDatabase } from './testing/each-database.js';
import { type TemporaryDatabase } from './testing/temporary-database.js';

const keyOf = (byte: number) => new Secret(Buffer.alloc(32, byte));
const act = { actor: actor('cli', 'root') };

describeEachDatabase('AppKeyCheck', (makeDatabase) => {
  let made: TemporaryDatabase;
  beforeEach(async () => (made = await makeDatabase([installationTable])));
  afterEach(() => made.remove());

  const check = (byte: number) => new AppKeyCheck(made.database, keyOf(byte));
  const rows = () => made.database.read((manager) => manager.find(installationTable));

  it('lets the first key pass, and from then on no other one', async () => {
    await check(1).pass();
    await check(1).pass();
    await expect(check(2).pass()).rejects.toMatchObject({ code: 'APP_KEY_CHANGED', kind: 'conflict' });
    await check(1).pass();
    expect(await rows()).toHaveLength(1);
  });

  it('lets one of two keys pass that come at once', async () => {
    const outcomes = await Promise.allSettled([check(1).pass(), check(2).pass()]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('is asked without keeping anything', async () => {
    expect(await check(1).isOther()).toBe(false);
    expect(await rows()).toEqual([]);
    await check(1).pass();
    expect([await check(1).isOther(), await check(2).isOther()]).toEqual([false, true]);
  });

  it('keeps nothing of the key itself (I-20)', async () => {
    await new AppKeyCheck(made.database, new Secret(Buffer.from('canary'.repeat(6)))).pass();
    const [row] = await rows();
    const decoded = Buffer.from(row?.value ?? '', 'base64url');
    expect(decoded).toHaveLength(32);
    expect(`${JSON.stringify(row)}${decoded.toString()}`).not.toContain('canary');
  });

  it('goes on with another key when that is asked for, and records who did (I-30)', async () => {
    await check(1).pass();
    await check(2).adopt(new Date(0), act);
    await check(2).pass();
    await expect(check(1).pass()).rejects.toMatchObject({ code: 'APP_KEY_CHANGED' });
    expect(await made.database.read((manager) => manager.find(auditTable))).toMatchObject([
      { at: 0, actor: 'cli:root', action: 'adopt-key', subject: 'installation' },
    ]);
  });
});
