import { join } from 'node:path';

import { Module, type DynamicModule } from '@nestjs/common';

import { CONFIG } from '#libs/config/config.js';
import { CLOCK } from '#libs/kernel/clock.js';
import { provide, provideClass, token } from '#libs/kernel/provider.js';
import { AppKeyCheck } from '#libs/persistence/app-key-check.js';
import { DatabaseCopies } from '#libs/persistence/copies/database-copies.js';
import { UNIT_OF_WORK } from '#libs/persistence/unit-of-work.js';
import { REPOSITORY_STORE } from '#libs/repositories/repository-store.js';
import { SNAPSHOT_STORE } from '#libs/snapshots/snapshot-store.js';
import { DISK } from '#libs/storage/disk.js';
import { FOLDERS } from '#libs/storage/folders.js';
import { RUN_STORE } from '#libs/syncing/runs/run-store.js';

import { BackUp } from './back-up.js';
import { KeptKey } from './kept-key.js';
import { RestoreBackup, type RestoreParts } from './restore-backup.js';

const PARTS = token<RestoreParts>('BackupParts');

@Module({})
export class BackupsModule {
  static register(imports: {
    readonly config: DynamicModule;
    readonly persistence: DynamicModule;
    readonly storage: DynamicModule;
    readonly repositories: DynamicModule;
    readonly snapshots: DynamicModule;
    readonly runRequests: DynamicModule;
  }): DynamicModule {
    const { config, persistence, storage, repositories, snapshots, runRequests } = imports;
    return {
      module: BackupsModule,
      imports: [config, persistence, storage, repositories, snapshots, runRequests],
      providers: [
        provide(
          PARTS,
          [DatabaseCopies, UNIT_OF_WORK, DISK, REPOSITORY_STORE, SNAPSHOT_STORE, RUN_STORE],
          (...parts) => {
            const [copies, unitOfWork, disk, repositories, snapshots, runs] = parts;
            return { copies, unitOfWork, disk, repositories, snapshots, runs };
          },
        ),
        provide(
          KeptKey,
          [CONFIG, AppKeyCheck],
          ({ storagePath, app }, check) => new KeptKey(join(storagePath, 'app.key'), app.key, check),
        ),
        provideClass(BackUp, [PARTS, FOLDERS, KeptKey, CLOCK]),
        provide(
          RestoreBackup,
          [PARTS, FOLDERS, KeptKey, CONFIG, CLOCK],
          (parts, folders, key, { storagePath }, clock) => new RestoreBackup(parts, folders, key, storagePath, clock),
        ),
      ],
      exports: [BackUp, RestoreBackup],
    };
  }
}
