import { EntitySchema } from 'typeorm';

interface DiskRow {
  name: string;
  markerId: string;
}

/** The disks there are, which is one so far, each with the id in its marker. */
export const diskTable = new EntitySchema<DiskRow>({
  name: 'disk',
  tableName: 'disks',
  columns: {
    name: { type: String, primary: true },
    markerId: { type: String, name: 'marker_id' },
  },
});
