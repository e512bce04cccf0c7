import { EntitySchema } from 'typeorm';

export interface RepositorySequenceRow {
  id: number;
  name: string;
  /** Of the latest snapshot ever published; 0 before the first. */
  lastSequence: number;
  /** Of the latest milestone release; null before the first. */
  milestoneSequence: number | null;
  milestoneAt: number | null;
  deletedAt: number | null;
}

/** What this feature needs of the rows that belong to `libs/repositories`; it writes the sequences alone. */
export const repositorySequenceTable = new EntitySchema<RepositorySequenceRow>({
  name: 'repositorySequence',
  tableName: 'repositories',
  columns: {
    id: { type: Number, primary: true },
    name: { type: String },
    lastSequence: { type: Number, name: 'last_sequence' },
    milestoneSequence: { type: Number, name: 'milestone_sequence', nullable: true },
    milestoneAt: { type: Number, name: 'milestone_at', nullable: true },
    deletedAt: { type: Number, name: 'deleted_at', nullable: true },
  },
});
