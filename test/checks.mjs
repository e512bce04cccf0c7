import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const AT_ONCE = 2;

/** Checks that no test runs: each is a script of package.json. The longest come first. */
const CHECKS = ['lint', 'typecheck', 'knip', 'depcheck', 'format:check'];

/** Prints one line for each check, and all that a failed one said. */
export async function runChecks() {
  const waiting = [...CHECKS];
  const outcomes = [];
  const work = async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) outcomes.push(await runCheck(name));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const failed = outcomes.filter((passed) => !passed).length;
  return { passed: CHECKS.length - failed, failed };
}

async function runCheck(name) {
  const start = performance.now();
  const { status, output } = await run('npm', ['run', '--silent', name]);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`);
  if (status !== 0) console.log(output.trimEnd());
  return status === 0;
}

function run(command, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => (output += text));
    child.once('error', reject).once('close', (status) => resolve({ status, output }));
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { failed } = await runChecks();
  process.exitCode = failed === 0 ? 0 : 1;
}
