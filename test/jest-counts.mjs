import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Runs jest in a checkout and counts what it ran.
 *
 * @param filters jest's own arguments: parts of paths, or options
 * @param env of jest and of all that the tests start; its PATH says which Node
 */
export function runJest(checkout, filters = [], env = process.env) {
  const folder = mkdtempSync(join(tmpdir(), 'parceler-jest-'));
  chmodSync(folder, 0o755); // some tests start our programs as another user
  const report = join(folder, 'report.json');
  const temporary = { TMPDIR: folder }; // what a test leaves behind goes with it
  try {
    const args = ['node_modules/jest/bin/jest.js', '--json', `--outputFile=${report}`, ...filters];
    // Standard output is the same report once more.
    const options = { cwd: checkout, env: { ...env, ...temporary }, stdio: ['ignore', 'ignore', 'inherit'] };
    const { status, signal } = spawnSync('node', args, options);
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
