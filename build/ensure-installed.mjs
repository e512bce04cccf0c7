// Installs the dependencies when they are missing or not those of the lock file; costs nothing otherwise.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const NOTE = `${root}node_modules/.installed-lock`;
const wanted = () =>
  createHash('sha256')
    .update(readFileSync(`${root}package-lock.json`))
    .digest('hex');
const modifiedAt = (path) => statSync(`${root}${path}`, { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** Which lock file the installed packages follow, as far as we installed them. */
function installed() {
  try {
    return readFileSync(NOTE, 'utf8');
  } catch {
    return undefined;
  }
}

export function ensureInstalled() {
  const lock = wanted();
  // Somebody's own `npm ci` leaves no note; npm writes its hidden lock file last, so a torn installation counts as missing.
  const byHand = modifiedAt('node_modules/.package-lock.json') >= modifiedAt('package-lock.json');
  if (installed() === lock || (installed() === undefined && byHand)) return;
  console.log('Installing the dependencies …');
  // Only the driver for Node 20 is compiled. npm would compile the other one, too, although it brings its binaries along,
  // and leave it out without a word where there is no compiler.
  const scripts = Number(process.versions.node.split('.')[0]) < 22 ? [] : ['--ignore-scripts'];
  // Errors only: some packages that we do not load ask for a newer Node than 20, and npm warns of each.
  const { status } = spawnSync('npm', ['ci', '--loglevel=error', ...scripts], { cwd: root, stdio: 'inherit' });
  if (status !== 0) throw new Error(`npm ci ended with status ${status}`);
  writeFileSync(NOTE, lock);
}
