// A newcomer's machine, as far as one can be had: fresh copies of the checkout, an npm cache that starts empty and is all
// there is the second time, and the other one of the Nodes that we promise to run on.
// `npm run test:fresh` runs this alone.
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { runJest } from './jest-counts.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** The oldest that `engines` allows and the one of the container images. */
const NODES = [20, 24];
const OTHER_NODE = NODES.find((major) => major !== Number(process.versions.node.split('.')[0]));
/** What calls Node itself, and of the built programs the main job, the command line, and what many machines share. */
const TESTS = ['apps/', 'libs/', 'test/e2e/(?:command-line|ending|http-clients|killed-worker|moving|secrets)'];

/** @returns how many of the README's first command with an empty cache, the same offline, and the tests passed */
export async function tryFreshCopies() {
  const folder = mkdtempSync(join(tmpdir(), 'parceler-fresh-'));
  chmodSync(folder, 0o755); // some tests start our programs as another user
  try {
    const env = { ...process.env, ...installNode(folder), npm_config_cache: join(folder, 'cache') };
    const first = await runExample(freshCopy(folder, 'first'), env, 'an empty cache');
    const second = freshCopy(folder, 'second');
    const offline = await runExample(second, { ...env, npm_config_offline: 'true' }, 'the cache alone');
    return [first, offline, runJest(second, TESTS, env)];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Node's programs come from the npm registry, so that nothing else has to be reachable. */
function installNode(folder) {
  const name = `node-${process.platform}-${process.arch}`;
  const place = join(folder, 'node');
  mkdirSync(place);
  const args = ['install', '--silent', '--no-save', '--prefix', place, `${name}@${OTHER_NODE}`];
  execFileSync('npm', args, { stdio: 'inherit' });
  const home = join(place, 'node_modules', name);
  // Native modules are compiled for it with the headers that it brings along.
  return { PATH: join(home, 'bin') + delimiter + process.env.PATH, npm_config_nodedir: home };
}

/** The checkout as a clone would have it, together with what is not committed yet. */
function freshCopy(folder, name) {
  const copy = join(folder, name);
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: ROOT });
  for (const file of listed.toString().split('\0').filter(Boolean)) {
    if (existsSync(join(ROOT, file))) cpSync(join(ROOT, file), join(copy, file), { recursive: true });
  }
  return copy;
}

async function runExample(copy, env, from) {
  const start = performance.now();
  const { status } = spawnSync('npm', ['run', '--silent', 'example', '--', '--check'], {
    cwd: copy,
    env: { ...env, PORT: String(await freePort()) },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(
    `${status === 0 ? 'ok    ' : 'FAILED'} example on Node ${OTHER_NODE}, installed from ${from} (${seconds} s)`,
  );
  return status === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const counts = await tryFreshCopies();
  const failed = counts.reduce((sum, count) => sum + count.failed, 0);
  console.log(`${counts.reduce((sum, count) => sum + count.passed, 0)} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}
