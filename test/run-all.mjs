// `npm test`: installs and builds what is missing, runs every check and every test, and ends with one line of true numbers.
// Each machine check, the build and each test of jest counts as one; so does a test file that cannot even be run.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { ensureInstalled } from '../build/ensure-installed.mjs';

import { runChecks } from './checks.mjs';
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
  counts.push(runJest(process.argv.slice(2)));
}

function build() {
  const { status } = spawnSync('npm', ['run', '--silent', 'build'], { cwd: ROOT, stdio: 'inherit' });
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'} build`);
  return status === 0 ? ONE_PASSED : ONE_FAILED;
}

function runJest(filters) {
  const folder = mkdtempSync(join(tmpdir(), 'parceler-jest-'));
  const report = join(folder, 'report.json');
  try {
    const args = ['node_modules/jest/bin/jest.js', '--json', `--outputFile=${report}`, ...filters];
    // Standard output is the same report once more.
    const { status, signal } = spawnSync(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] });
    return countsOf(JSON.parse(readFileSync(report, 'utf8')), status === 0, signal);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function countsOf(report, endedWell, signal) {
  // Whatever did not run although it stands there has not passed.
  const unseen = report.numPendingTests + report.numTodoTests + report.numRuntimeErrorTestSuites;
  const failed = report.numFailedTests + unseen;
  if (endedWell || failed > 0) return { passed: report.numPassedTests, failed };
  console.error(`jest ended badly (${signal ?? 'although no test failed'})`);
  return { passed: report.numPassedTests, failed: 1 };
}
