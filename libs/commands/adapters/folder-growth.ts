import { type Dir } from 'node:fs';
import { lstat, opendir } from 'node:fs/promises';
import { join } from 'node:path';

/** A look at a big tree must stay cheap; folders beyond this are not looked at. */
const MOST_FOLDERS = 20_000;
const MOST_ENTRIES = 1_000_000;
/** Files are looked at in so many folders, those that changed last, and so many in each. */
const NEWEST_FOLDERS = 16;
const MOST_FILES = 2_000;

interface Folder {
  readonly path: string;
  readonly changedAt: number;
}

interface Walk {
  readonly queue: Folder[];
  readonly seen: Folder[];
  entries: number;
}

/**
 * A text that differs when content was added below the folder: a new name shows in its folder's time and in the count,
 * a file that grows in the folders that changed last, where programs put what they are fetching.
 */
export async function folderFingerprint(path: string): Promise<string> {
  const walk: Walk = { queue: [], seen: [], entries: 0 };
  await enqueue(walk, path);
  for (let next = walk.queue.pop(); next !== undefined; next = walk.queue.pop()) {
    walk.seen.push(next);
    if (walk.seen.length >= MOST_FOLDERS || walk.entries >= MOST_ENTRIES) break;
    await lookInto(walk, next.path);
  }
  const newest = walk.seen.toSorted((a, b) => b.changedAt - a.changedAt).slice(0, NEWEST_FOLDERS);
  const files = await Promise.all(newest.map((folder) => newestFiles(folder.path)));
  return JSON.stringify([walk.entries, newest[0]?.changedAt, files]);
}

async function enqueue(walk: Walk, path: string): Promise<void> {
  const stats = await lstat(path).catch(() => undefined); // gone meanwhile
  if (stats?.isDirectory() === true) walk.queue.push({ path, changedAt: stats.mtimeMs });
}

async function lookInto(walk: Walk, path: string): Promise<void> {
  for await (const entry of await entriesOf(path)) {
    walk.entries += 1;
    if (entry.isDirectory()) await enqueue(walk, join(path, entry.name));
  }
}

async function newestFiles(path: string): Promise<readonly [bytes: number, changedAt: number]> {
  let [bytes, changedAt, left] = [0, 0, MOST_FILES];
  for await (const entry of await entriesOf(path)) {
    if (left-- === 0) break;
    const stats = entry.isFile() ? await lstat(join(path, entry.name)).catch(() => undefined) : undefined;
    bytes += stats?.size ?? 0;
    changedAt = Math.max(changedAt, stats?.mtimeMs ?? 0);
  }
  return [bytes, changedAt];
}

const entriesOf = (path: string): Promise<Dir | []> => opendir(path, { bufferSize: 512 }).catch(() => []);
