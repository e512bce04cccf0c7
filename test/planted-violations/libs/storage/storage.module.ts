import { Module } from '@nestjs/common';

import { localDisk } from './adapters/local-disk.js';

@Module({})
export class StorageModule {
  static readonly seen = localDisk;
}
