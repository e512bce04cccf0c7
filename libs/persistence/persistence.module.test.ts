import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';

import { CONFIG } from '#libs/config/config.js';
import { CLOCK } from '#libs/kernel/clock.js';
import { fixedClock } from '#libs/kernel/testing/fixed-clock.js';

import { auditTable } from './audit.js';
import { DATABASE, type Database } from './database.js';
import { LEASES, type Leases } from './lease.js';
import { PersistenceModule } from './persistence.module.js';

@Module({})
class TestConfigModule {}

it('gives the database and its leases, which go by the clock, and closes them with the application', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'persistence-module-'));
  const providers = [
    { provide: CONFIG, useValue: { database: { driver: 'sqlite', file: join(folder, 'parceler.sqlite') } } },
    { provide: CLOCK, useValue: fixedClock('2026-03-10T00:00:00Z') },
  ];
  const config = { module: TestConfigModule, providers, exports: [CONFIG, CLOCK] };
  const application = await Test.createTestingModule({
    imports: [PersistenceModule.register({ config, tables: [auditTable] })],
  }).compile();

  const database = application.get<Database>(DATABASE, { strict: false });
  const lease = await application.get<Leases>(LEASES, { strict: false }).acquire('it', 'test', 1_000);
  expect(lease?.expiresAt).toEqual(new Date('2026-03-10T00:00:01Z'));
  await application.close();

  const count = database.read((manager) => manager.count(auditTable));
  await expect(count).rejects.toMatchObject({ code: 'DATABASE_CLOSED' });
  await rm(folder, { recursive: true });
});
