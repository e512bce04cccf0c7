import { execFile } from 'node:child_process';
import { access, constants, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { type LaunchCapabilities, UNSHARE_VARIANTS } from './launch-plan.js';

const FOLDERS = ['/usr/bin', '/bin', '/usr/sbin', '/sbin', '/usr/local/bin', '/run/current-system/sw/bin'];
const TIMEOUT_MS = 5_000;

const run = promisify(execFile);

/** Tries each tool as it is to be used: busybox has tools of the same names that can do less, and containers forbid namespaces. */
export async function probeCapabilities(): Promise<LaunchCapabilities> {
  const [setpriv, flock, unshare] = await Promise.all([probeSetpriv(), probeFlock(), probeUnshare()]);
  return { ...(setpriv && { setpriv }), ...(flock && { flock }), ...(unshare && { unshare }) };
}

async function probeSetpriv(): Promise<string | undefined> {
  const file = await find('setpriv');
  return file !== undefined && (await works(file, ['--pdeathsig', 'KILL', '/bin/sh', '-c', ':'])) ? file : undefined;
}

async function probeFlock(): Promise<string | undefined> {
  const file = await find('flock');
  if (file === undefined) return undefined;
  const folder = await mkdtemp(join(tmpdir(), 'parceler-probe-'));
  try {
    const lock = join(folder, 'lock');
    return (await works(file, ['-F', '-n', '-E', '75', lock, '/bin/sh', '-c', ':'])) ? file : undefined;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function probeUnshare(): Promise<LaunchCapabilities['unshare']> {
  const file = await find('unshare');
  if (file === undefined) return undefined;
  for (const args of UNSHARE_VARIANTS) {
    if (await works(file, [...args, '/bin/sh', '-c', 'test $$ -eq 1'])) return { file, args };
  }
  return undefined;
}

async function find(name: string): Promise<string | undefined> {
  for (const folder of FOLDERS) {
    const file = join(folder, name);
    const found = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return file;
  }
  return undefined;
}

const works = (file: string, args: readonly string[]): Promise<boolean> =>
  run(file, [...args], { timeout: TIMEOUT_MS, killSignal: 'SIGKILL', env: {} }).then(
    () => true,
    () => false,
  );
