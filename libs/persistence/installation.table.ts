import { EntitySchema } from 'typeorm';

interface InstallationRow {
  name: string;
  value: string;
}

/** What is true of this installation as a whole. */
export const installationTable = new EntitySchema<InstallationRow>({
  name: 'installation',
  tableName: 'installation',
  columns: { name: { type: String, primary: true }, value: { type: String } },
});
