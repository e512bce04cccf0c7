import { In } from 'typeorm';

import { type Database } from '#libs/persistence/database.js';
import { type Sha256 } from '#libs/storage/layout.js';

import { type GarbageMarks } from '../../garbage/garbage-marks.js';
import { garbageMarkTable, type GarbageMarkRow } from './garbage-mark.table.js';

/** Every database takes so many values in one statement. */
const AT_ONCE = 400;

export class DatabaseGarbageMarks implements GarbageMarks {
  constructor(private readonly database: Database) {}

  async marked(blobs: readonly Sha256[]): Promise<ReadonlySet<Sha256>> {
    const found: Sha256[] = [];
    for (const part of parts(blobs)) {
      const rows = await this.database.read((manager) =>
        manager.find<GarbageMarkRow>(garbageMarkTable, { where: { sha256: In(part) } }),
      );
      found.push(...rows.map(({ sha256 }) => sha256 as Sha256));
    }
    return new Set(found);
  }

  async mark(blobs: readonly Sha256[], at: Date): Promise<void> {
    for (const part of parts(blobs)) {
      const rows = part.map((sha256) => ({ sha256, marked_at: at.getTime() }));
      await this.database.write(async (manager) => {
        await manager.createQueryBuilder().insert().into(garbageMarkTable).values(rows).orIgnore().execute();
      });
    }
  }

  async unmark(blobs: readonly Sha256[]): Promise<void> {
    for (const part of parts(blobs)) {
      await this.database.write(async (manager) => {
        await manager.delete(garbageMarkTable, { sha256: In(part) });
      });
    }
  }
}

function* parts(blobs: readonly Sha256[]): Generator<Sha256[]> {
  for (let at = 0; at < blobs.length; at += AT_ONCE) yield blobs.slice(at, at + AT_ONCE);
}
