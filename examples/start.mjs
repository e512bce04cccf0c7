// The README's first command: installs and builds what is missing, starts Parceler on its defaults, mirrors the example
// upstream into a repository, registers an appliance, and prints the line that downloads a package as that appliance.
// With `--check` it downloads the package itself, compares it with the upstream's, and ends.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { ensureInstalled } from '../build/ensure-installed.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const UPSTREAM = join(ROOT, 'examples/upstream');
const PACKAGE = 'opkg/parceler-hello_1.0.0_all.ipk';
const REPOSITORY = 'example';
const APPLIANCE = 'example-appliance';
const ALREADY_THERE = 4; // the command line's exit status for a conflict, see docs/cli.md
const NOT_FOUND = 3;
const UNAVAILABLE = 6;

const check = process.argv.includes('--check');

function parceler(args, options = {}) {
  return spawnSync(process.execPath, [join(ROOT, 'bin/parceler'), ...args], {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'inherit'],
    ...options,
  });
}

function must(result, ...alsoFine) {
  if (result.status !== 0 && !alsoFine.includes(result.status)) process.exit(result.status ?? 1);
  return result;
}

/** The sync command: any program will do that leaves the upstream's files in `$SOURCE_DIR`. */
const quoted = (path) => `'${path.replaceAll("'", String.raw`'\''`)}'`;
const syncCommand = `cp -R ${quoted(UPSTREAM)}/. "$SOURCE_DIR"/`;

/** Kept beside the other data, so that a second start uses the same one. */
function applianceSecret(storagePath) {
  const file = join(storagePath, 'example-secret');
  if (!existsSync(file)) writeFileSync(file, randomBytes(18).toString('base64url'), { mode: 0o600 });
  return readFileSync(file, 'utf8');
}

function prepare(storagePath) {
  if (must(parceler(['repository:show', REPOSITORY], { stdio: 'ignore' }), NOT_FOUND).status === NOT_FOUND) {
    must(parceler(['repository:create', '--name', REPOSITORY, '--command', syncCommand, '--no-sync']));
  }
  must(parceler(['repository:sync', REPOSITORY, '--wait'], { stdio: 'inherit' }));
  const secret = applianceSecret(storagePath);
  const options = ['--edition', 'community', '--secret-stdin'];
  must(
    parceler(['system:add', APPLIANCE, ...options], { input: secret, stdio: ['pipe', 'pipe', 'ignore'] }),
    ALREADY_THERE,
  );
  return secret;
}

/** Whoever has the port would answer in our place: another Parceler may well be ready, but knows no example. */
async function assertPortIsFree({ host, port }, origin) {
  const probe = createServer().listen(port, host);
  try {
    await once(probe, 'listening');
  } catch (error) {
    const why = error.code === 'EADDRINUSE' ? 'another program listens there already' : error.message;
    console.error(
      `The example cannot serve ${origin}: ${why}. Stop that, or choose a free port: PORT=8081 npm run example`,
    );
    process.exit(UNAVAILABLE);
  }
  probe.close();
  await once(probe, 'close');
}

async function untilReady(url, service) {
  for (let tries = 0; tries < 150; tries += 1) {
    if (service.exitCode !== null) process.exit(service.exitCode);
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) return;
    await pause(100);
  }
  throw new Error(`${url} did not answer within 15 s`);
}

ensureInstalled();
if (!existsSync(join(ROOT, 'dist/bin/parceler.js'))) {
  console.log('Building …');
  execFileSync(process.execPath, [join(ROOT, 'build/build.mjs')], { stdio: 'inherit' });
}

const settings = JSON.parse(must(parceler(['config:check', '--json'])).stdout);
const setting = (wanted) => settings.find(({ name }) => name === wanted).value;
const listening = { host: setting('HOST'), port: setting('PORT') };
const host = ['0.0.0.0', '::'].includes(listening.host) ? '127.0.0.1' : listening.host;
const origin = `http://${host.includes(':') ? `[${host}]` : host}:${listening.port}`;
await assertPortIsFree(listening, origin);

console.log('Starting …');
const service = spawn(process.execPath, [join(ROOT, 'bin/parceler'), 'serve'], {
  cwd: ROOT,
  stdio: ['ignore', 'ignore', 'inherit'],
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => service.kill('SIGTERM'));
service.once('exit', (code) => process.exit(process.exitCode ?? code ?? 1));

await untilReady(`${origin}/health/ready`, service);
const secret = prepare(resolve(ROOT, setting('STORAGE_PATH')));
const url = `${origin}/repository/community/${REPOSITORY}/${PACKAGE}`;

if (check) {
  const got = execFileSync('curl', ['-fsS', '-u', `${APPLIANCE}:${secret}`, url]);
  const same = got.equals(readFileSync(join(UPSTREAM, PACKAGE)));
  console.log(
    same ? `downloaded ${PACKAGE} as ${APPLIANCE}: ${got.length} bytes, as upstream has them` : 'wrong bytes',
  );
  process.exitCode = same ? 0 : 1;
  service.kill('SIGTERM');
} else {
  console.log(`
Parceler serves ${origin}. Download a package as the appliance "${APPLIANCE}":

  curl -fO -u '${APPLIANCE}:${secret}' ${url}

Look around from another terminal: bin/parceler repository:list
Ctrl-C ends everything.`);
}
