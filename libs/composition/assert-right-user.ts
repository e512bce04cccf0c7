import { statSync } from 'node:fs';

import { type Config } from '#libs/config/config.js';
import { nameOfUser } from '#libs/files/file-owner.js';
import { AppError } from '#libs/kernel/errors.js';

const ROOT = 0;

/** What this machine says of users. */
interface Users {
  /** Of this process; `undefined` where the system has none. */
  readonly own: number | undefined;
  /** `undefined` when there is nothing. */
  ownerOf(path: string): number | undefined;
}

const HERE: Users = {
  own: process.geteuid?.(),
  ownerOf: (path) => statSync(path, { throwIfNoEntry: false })?.uid,
};

/**
 * Refuses root on what belongs to somebody else, as PostgreSQL does: root may write everything, and what it has written
 * the user of the service cannot read afterwards. Whoever else may not write finds out by itself, and has spoiled nothing.
 *
 * @throws AppError `WRONG_USER`
 */
export function assertRightUser(
  { database, storagePath }: Pick<Config, 'database' | 'storagePath'>,
  users = HERE,
): void {
  if (users.own !== ROOT) return;
  // The database first: whoever made that is the one who runs Parceler, also in a folder that was given to him.
  for (const path of [...(database.driver === 'sqlite' ? [database.file] : []), storagePath]) {
    const owner = users.ownerOf(path);
    if (owner === ROOT) return;
    if (owner !== undefined) throw wrongUser(path, nameOfUser(owner));
  }
}

const wrongUser = (path: string, owner: string): AppError =>
  new AppError('denied', 'WRONG_USER', `Root must not run Parceler here: ${path} belongs to ${owner}.`, {
    hint: `Run it as ${owner}, with runuser -u or sudo -u: what root writes that user cannot read. Or chown all of it to root.`,
  });
