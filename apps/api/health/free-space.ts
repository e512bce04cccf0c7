import { statfs } from 'node:fs/promises';

import { LITTLE_SPACE } from '#libs/storage/disk.js';

export const VOLUMES = ['database', 'disk'] as const;

export type Volume = (typeof VOLUMES)[number];

/** Bytes that can still be written, or `undefined` where there is no such bound. */
type Ask = () => Promise<number | undefined>;

/** The room that is left to write to. Without any all that is there goes on being served, and nothing new comes (trust T-23). */
export class FreeSpace {
  constructor(private readonly asks: Readonly<Record<Volume, Ask>>) {}

  /** Of those volumes that can tell: a database server does not, and that one is gone is told by readiness. */
  async bytes(): Promise<ReadonlyMap<Volume, number>> {
    const known = new Map<Volume, number>();
    for (const volume of VOLUMES) {
      const free = await this.asks[volume]().catch(() => undefined);
      if (free !== undefined) known.set(volume, free);
    }
    return known;
  }

  /** Where there is little. */
  async little(): Promise<readonly Volume[]> {
    const bytes = await this.bytes();
    return VOLUMES.filter((volume) => (bytes.get(volume) ?? Infinity) < LITTLE_SPACE);
  }
}

/** Of the volume on which a folder is. */
export async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
