import { AppError } from '#libs/kernel/errors.js';

/** The first release without the bug, and the older line that it was mended in as well. */
const MENDED_IN = [3, 51, 3] as const;
const MENDED_ALSO_IN = '3.50.7';

/**
 * Refuses a library with the WAL-reset bug (trust T-86).
 *
 * @throws AppError `DATABASE_LIBRARY_UNSAFE`
 */
export function assertSafeLibrary(version: string): void {
  const parts = version.split('.').map(Number);
  const firstDifferent = MENDED_IN.map((part, index) => (parts[index] ?? 0) - part).find((by) => by !== 0) ?? 0;
  if (version === MENDED_ALSO_IN || firstDifferent >= 0) return; // NaN, an unknown scheme, is refused
  throw new AppError(
    'unavailable',
    'DATABASE_LIBRARY_UNSAFE',
    `SQLite ${version} has the WAL-reset bug, which can corrupt a database that several processes write.`,
    { hint: `Install better-sqlite3 with SQLite ${MENDED_IN.join('.')} or later.` },
  );
}
