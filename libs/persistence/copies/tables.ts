/** How the rows of a table are gone through, and what becomes of them when a backup is put back. */
export interface TableOfRows {
  readonly name: string;
  /** Orders all rows. */
  readonly key: readonly string[];
  /** The key is a number that the database gives. */
  readonly numbered?: boolean;
  /**
   * `replaced`: as it is in the backup · `kept`: it says what is true here and now, whatever was true then ·
   * `emptied`: what it says may be wrong by now, and comes anew by itself.
   */
  readonly restored: 'replaced' | 'kept' | 'emptied';
}

/** Every table, those that others refer to first. A migration that adds one adds it here; a test says so. */
export const TABLES: readonly TableOfRows[] = [
  { name: 'audit', key: ['id'], numbered: true, restored: 'replaced' },
  { name: 'installation', key: ['name'], restored: 'kept' },
  { name: 'leases', key: ['name'], restored: 'kept' },
  { name: 'repositories', key: ['id'], numbered: true, restored: 'replaced' },
  { name: 'disks', key: ['name'], restored: 'kept' },
  { name: 'snapshots', key: ['repository_id', 'sequence'], restored: 'replaced' },
  { name: 'file_versions', key: ['repository_id', 'path', 'added_in'], restored: 'replaced' },
  { name: 'package_versions', key: ['id'], numbered: true, restored: 'replaced' },
  { name: 'unread_indexes', key: ['repository_id', 'index_path', 'added_in'], restored: 'replaced' },
  { name: 'garbage_marks', key: ['sha256'], restored: 'emptied' },
  { name: 'runs', key: ['id'], numbered: true, restored: 'replaced' },
  { name: 'run_logs', key: ['run_id', 'part'], restored: 'replaced' },
  { name: 'systems', key: ['id', 'edition'], restored: 'replaced' },
  { name: 'verdicts', key: ['key'], restored: 'emptied' },
  { name: 'generations', key: ['name'], restored: 'kept' },
];
