import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

const LIST = new URL('system-packages.txt', import.meta.url);
const APT_LISTS = '/var/lib/apt/lists';

const missingPackages = () =>
  readFileSync(LIST, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(' '))
    .filter(([, file]) => !existsSync(file))
    .map(([name]) => name);

/** Whether apt knows what its archive offers: some tests download packages from there. */
const knowsArchive = () =>
  existsSync(APT_LISTS) && readdirSync(APT_LISTS).some((name) => /_Packages(?:\.\w+)?$/.test(name));

const aptGet = (...args) =>
  spawnSync('apt-get', args, { stdio: 'inherit', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });

/**
 * Installs what tests need from Debian. Elsewhere, or for an ordinary user, says what is missing and goes on: then the
 * tests that need it fail; in CI nothing may be missing.
 *
 * @returns whether the tests may start
 */
export function ensureSystemPackages() {
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    if (missingPackages().length > 0 || !knowsArchive()) aptGet('update', '-q');
    const missing = missingPackages();
    if (missing.length > 0) aptGet('install', '-q', '-y', '--no-install-recommends', ...missing);
  }
  const missing = missingPackages();
  if (missing.length === 0) return true;
  console.error(`Not installed, and needed by some tests: ${missing.join(' ')} (test/system-packages.txt)`);
  return process.env.CI !== 'true';
}
