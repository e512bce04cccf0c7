import { EntitySchema } from 'typeorm';

export interface GarbageMarkRow {
  sha256: string;
  marked_at: number;
}

export const garbageMarkTable = new EntitySchema<GarbageMarkRow>({
  name: 'garbage_mark',
  tableName: 'garbage_marks',
  columns: { sha256: { type: String, primary: true }, marked_at: { type: Number } },
});
