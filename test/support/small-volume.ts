import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';

export const CAN_MOUNT = process.getuid?.() === 0;
if (!CAN_MOUNT && process.env['CI'] === 'true') throw new Error('CI runs the tests of full volumes as root');

/** A file system in memory of a few mebibytes, for when disks are full or turn read-only. Only root can make one. */
export class SmallVolume {
  constructor(
    readonly folder: string,
    mebibytes: number,
  ) {
    mkdirSync(folder, { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${String(mebibytes)}m`, 'tmpfs', folder]);
  }

  /** Such as `size=64m` or `ro`. */
  remount(option: string): void {
    execFileSync('mount', ['-o', `remount,${option}`, this.folder]);
  }

  /** Also while programs have files open on it. */
  unmount(): void {
    execFileSync('umount', ['--lazy', this.folder]);
  }
}
