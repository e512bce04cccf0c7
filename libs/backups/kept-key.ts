import { copyFile, readFile, rename } from 'node:fs/promises';

import { type Secret } from '#libs/config/secret.js';
import { appKey } from '#libs/config/value-kinds.js';
import { systemCode } from '#libs/kernel/system-code.js';
import { type AppKeyCheck } from '#libs/persistence/app-key-check.js';
import { type Disk } from '#libs/storage/disk.js';

import { KEY_COPY, pathOf } from './backup-folder.js';

/** The key in a file, which is in force where nobody has set `APP_KEY`. */
export class KeptKey {
  constructor(
    private readonly file: string,
    private readonly inForce: Secret<Buffer>,
    private readonly check: Pick<AppKeyCheck, 'isOther'>,
  ) {}

  /** Copies it, when it is the one in force. The copy is for the eyes of its owner alone, as the file is. */
  async save(folder: Disk): Promise<void> {
    if (await this.isInForce()) await copyFile(this.file, pathOf(folder, KEY_COPY));
  }

  /**
   * Puts a saved key in the place of this one, which is kept beside it, when the database was used with another one than
   * that in force. False when it goes on being another one: nobody has saved it, or somebody has set `APP_KEY`.
   */
  async restore(folder: Disk): Promise<boolean> {
    if (!(await this.check.isOther())) return true;
    if ((await folder.stat(KEY_COPY)) === undefined || !(await this.isInForce())) return false;
    await rename(this.file, `${this.file}.before-restore`);
    await copyFile(pathOf(folder, KEY_COPY), this.file);
    return true;
  }

  private async isInForce(): Promise<boolean> {
    try {
      const key = appKey.parse((await readFile(this.file, 'utf8')).trim());
      return key?.equals(this.inForce.reveal()) === true;
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return false;
      throw error;
    }
  }
}
