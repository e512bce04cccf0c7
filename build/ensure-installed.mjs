// Installs the dependencies when they are missing or older than the lock file; costs nothing otherwise.
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const modifiedAt = (path) => statSync(`${root}${path}`, { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** npm writes `node_modules/.package-lock.json` last, so an interrupted installation counts as missing. */
export function ensureInstalled() {
  if (modifiedAt('node_modules/.package-lock.json') >= modifiedAt('package-lock.json')) return;
  const { status } = spawnSync('npm', ['ci'], { cwd: root, stdio: 'inherit' });
  if (status !== 0) throw new Error(`npm ci ended with status ${status}`);
}
