import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Module } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';

import { CONFIG } from '#libs/config/config.js';
import { Secret } from '#libs/config/secret.js';
import { CLOCK } from '#libs/kernel/clock.js';
import { fixedClock } from '#libs/kernel/testing/fixed-clock.js';

import { AppKeyCheck } from './app-key-check.js';
import { auditTable } from './audit.js';
import { DATABASE, type Database } from './database.js';
import { LEASES, type Leases } from './lease.js';
import { PersistenceModule } from './persistence.module.js';

@Module({})
class TestConfigModule {}

describe('PersistenceModule', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'persistence-module-'))));
  afterEach(() => rm(folder, { recursive: true }));

  const start = (keyByte: number, checksKey = true): Promise<TestingModule> => {
    const database = { driver: 'sqlite', file: join(folder, 'parceler.sqlite') } as const;
    const providers = [
      { provide: CONFIG, useValue: { database, app: { key: new Secret(Buffer.alloc(32, keyByte)) } } },
      { provide: CLOCK, useValue: fixedClock('2026-03-10T00:00:00Z') },
    ];
    const config = { module: TestConfigModule, providers, exports: [CONFIG, CLOCK] };
    const persistence = PersistenceModule.register({ config, tables: [auditTable], checksKey });
    return Test.createTestingModule({ imports: [persistence] }).compile();
  };

  it('gives the database and its leases, which go by the clock, and closes them with the application', async () => {
    const application = await start(1);
    const database = application.get<Database>(DATABASE, { strict: false });
    const lease = await application.get<Leases>(LEASES, { strict: false }).acquire('it', 'test', 1_000);
    expect(lease?.expiresAt).toEqual(new Date('2026-03-10T00:00:01Z'));
    await application.close();

    const count = database.read((manager) => manager.count(auditTable));
    await expect(count).rejects.toMatchObject({ code: 'DATABASE_CLOSED' });
  });

  it('does not start with another key than last time; the command line does, and can tell', async () => {
    await (await start(1)).close();
    await expect(start(2)).rejects.toMatchObject({ code: 'APP_KEY_CHANGED' });
    const commandLine = await start(2, false);
    expect(await commandLine.get(AppKeyCheck, { strict: false }).isOther()).toBe(true);
    await commandLine.close();
    await (await start(1)).close();
  });
});
