// `npm test`: installs and builds what is missing, runs every check and every test, and ends with one line of true numbers.
// Each machine check, the build and each test of jest counts as one; so does a test file that cannot even be run.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { ensureInstalled } from '../build/ensure-installed.mjs';

import { runChecks } from './checks.mjs';
import { tryFreshCopies } from './fresh-copies.mjs';
import { runJest } from './jest-counts.mjs';
import { ensureSystemPackages } from './system-packages.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const NOTHING = { passed: 0, failed: 0 };
const ONE_PASSED = { passed: 1, failed: 0 };
const ONE_FAILED = { passed: 0, failed: 1 };

const counts = [];
try {
  await runEverything();
} catch (error) {
  console.error(error);
  counts.push(ONE_FAILED);
}
const passed = counts.reduce((sum, count) => sum + count.passed, 0);
const failed = counts.reduce((sum, count) => sum + count.failed, 0);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;

async function runEverything() {
  counts.push(ensureSystemPackages() ? NOTHING : ONE_FAILED);
  ensureInstalled();
  counts.push(build());
  counts.push(await runChecks());
  counts.push(runJest(ROOT, process.argv.slice(2)));
  counts.push(...(await tryFreshCopies()));
}

function build() {
  const { status } = spawnSync('npm', ['run', '--silent', 'build'], { cwd: ROOT, stdio: 'inherit' });
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'} build`);
  return status === 0 ? ONE_PASSED : ONE_FAILED;
}
