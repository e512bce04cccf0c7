import { join } from 'node:path';

import { makeFolders } from '#libs/files/make-folders.js';
import { FOLDER_MODE } from '#libs/files/modes.js';
import { type RepositoryName } from '#libs/kernel/ids.js';
import { diskFailure } from '#libs/storage/disk-failure.js';
import { assertDiskIsOurs } from '#libs/storage/disk-marker.js';
import { type Disk } from '#libs/storage/disk.js';
import { sourceOf } from '#libs/storage/layout.js';

import { type SyncPlace, type Workplace } from '../workplace.js';

/** Commands work in the root of a local disk, on the sources themselves. */
export class LocalWorkplace implements Workplace {
  /**
   * @param root of the disk
   * @param locks a folder of this machine: locks are its processes'
   */
  constructor(
    private readonly disk: Disk,
    private readonly root: string,
    private readonly locks: string,
  ) {}

  async prepare(repository: RepositoryName): Promise<SyncPlace> {
    await assertDiskIsOurs(this.disk); // or the command would fill the folder that the volume is to be mounted on
    const sourceDir = sourceOf(repository).replace(/\/$/, '');
    const watchFolder = join(this.root, sourceDir);
    try {
      makeFolders(watchFolder, FOLDER_MODE);
    } catch (error) {
      throw diskFailure(error, `make the folder "${sourceDir}"`);
    }
    return { cwd: this.root, sourceDir, watchFolder, lockFile: join(this.locks, `${repository}.lock`) };
  }
}
