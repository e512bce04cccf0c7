import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

import { CONFIG } from '#libs/config/config.js';
import { CLOCK, systemClock } from '#libs/kernel/clock.js';

import { DISK, type Disk } from './disk.js';
import { DISK_MEMORY, type DiskMemory } from './disk-memory.js';
import { markerIdOf } from './disk-marker.js';
import { objectKey } from './object-key.js';
import { StorageModule } from './storage.module.js';

@Module({})
class ConfigModule {}

@Module({})
class MemoryModule {}

it('opens the configured disk', async () => {
  const root = mkdtempSync(join(tmpdir(), 'storage-module-'));
  const config: DynamicModule = {
    module: ConfigModule,
    providers: [
      { provide: CONFIG, useValue: { disk: { driver: 'local', root: join(root, 'disk') } } },
      { provide: CLOCK, useValue: systemClock },
    ],
    exports: [CONFIG, CLOCK],
  };
  let remembered: string | undefined;
  const forgetful: DiskMemory = {
    recall: () => Promise.resolve(undefined),
    remember: async (id) => void (remembered = id),
    agreeOn: (id) => Promise.resolve(id),
  };
  const memory: DynamicModule = {
    module: MemoryModule,
    providers: [{ provide: DISK_MEMORY, useValue: forgetful }],
    exports: [DISK_MEMORY],
  };
  const app = await NestFactory.createApplicationContext(StorageModule.register({ config, memory }), { logger: false });
  const disk = app.get<Disk>(DISK);
  expect(remembered).toHaveLength(36);
  expect(await markerIdOf(disk)).toBe(remembered);
  expect(disk.localPath(objectKey('a'))).toBe(join(root, 'disk/a'));
  await app.close();
  rmSync(root, { recursive: true });
});
