import { EntitySchema } from 'typeorm';

export interface UnreadIndexRow {
  repositoryId: number;
  indexPath: string;
  addedIn: number;
  removedIn: number | null;
  reason: string;
}

/** An index that could not be read in the lists of the sequences from `addedIn` up to, but not including, `removedIn`. */
export const unreadIndexTable = new EntitySchema<UnreadIndexRow>({
  name: 'unreadIndex',
  tableName: 'unread_indexes',
  columns: {
    repositoryId: { type: Number, name: 'repository_id', primary: true },
    indexPath: { type: String, name: 'index_path', primary: true },
    addedIn: { type: Number, name: 'added_in', primary: true },
    removedIn: { type: Number, name: 'removed_in', nullable: true },
    reason: { type: String },
  },
});
