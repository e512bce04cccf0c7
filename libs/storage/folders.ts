import { token } from '#libs/kernel/provider.js';

import { type Disk } from './disk.js';

/** Folders of this machine as places for objects, besides the configured disk. */
export interface Folders {
  /** Makes the folder if it is not there. @throws AppError `STORAGE_NOT_WRITABLE` */
  make(path: string): Promise<Disk>;
  /** Takes away what only writing needed, once everything is written. */
  tidy(path: string): Promise<void>;
  /** To be read; nothing is made or checked. */
  open(path: string): Disk;
}

export const FOLDERS = token<Folders>('Folders');
