import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

import { CONFIG } from '#libs/config/config.js';
import { CLOCK, systemClock } from '#libs/kernel/clock.js';

import { DISK, type Disk } from './disk.js';
import { diskIsOurs } from './disk-marker.js';
import { objectKey } from './object-key.js';
import { StorageModule } from './storage.module.js';

@Module({})
class ConfigModule {}

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
  const app = await NestFactory.createApplicationContext(StorageModule.register({ config }), { logger: false });
  const disk = app.get<Disk>(DISK);
  expect(await diskIsOurs(disk)).toBe(true);
  expect(disk.localPath(objectKey('a'))).toBe(join(root, 'disk/a'));
  await app.close();
  rmSync(root, { recursive: true });
});
