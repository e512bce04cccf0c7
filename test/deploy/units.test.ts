import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { PROGRAMS } from '../../apps/cli/operation/program-files.js';
import { ROOT } from './dockerfile.js';
import { unit } from './unit-file.js';

const FOLDER = join(ROOT, 'deploy/systemd');
const UNITS = readdirSync(FOLDER).filter((name) => name.endsWith('.service'));
const OURS = ['parceler.service', 'parceler@.service'];
const PAGE = readFileSync(join(ROOT, 'docs/operations.md'), 'utf8');

describe('units for systemd', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'units-'));
    cpSync(FOLDER, folder, { recursive: true });
    const litestream = join(folder, 'parceler-litestream.service'); // its program is not here
    writeFileSync(
      litestream,
      readFileSync(litestream, 'utf8').replace('/usr/bin/litestream', '/usr/bin/env litestream'),
    );
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  const analyze = (...args: readonly string[]): string => {
    const { stdout, stderr, status } = spawnSync('systemd-analyze', args, { cwd: folder, encoding: 'utf8' });
    return `${stdout}${stderr}${status === 0 ? '' : `status ${String(status)}`}`;
  };

  it.each(UNITS)('%s is taken by systemd without a word', (name) => {
    expect(analyze('verify', '--man=no', join(folder, name.replace('@.', '@worker.')))).toBe('');
  });

  it.each(UNITS)('%s leaves little to somebody who breaks in', (name) => {
    const found = analyze('security', '--offline=true', '--no-pager', join(folder, name));
    expect(Number(/Overall exposure level for .*: ([\d.]+)/.exec(found)?.[1])).toBeLessThan(3.5);
  });

  it.each(OURS)('%s lets sync commands have namespaces of their own, and Node its compiler', (name) => {
    const forbidding = [
      'RestrictNamespaces',
      'ProtectProc',
      'ProcSubset',
      'ProtectKernelTunables',
      'ProtectKernelLogs',
    ];
    for (const key of [...forbidding, 'PrivateUsers', 'MemoryDenyWriteExecute']) {
      expect([key, unit(name).get(`Service.${key}`)]).toEqual([key, undefined]);
    }
    const denied = unit(name).get('Service.SystemCallFilter') ?? '';
    expect(denied).toMatch(/^~@/);
    expect(denied.split(' ')).not.toContain('@mount');
  });

  it('differ in what they start, and in nothing else', () => {
    const [whole, one] = OURS.map((name) => new Map(unit(name)));
    expect([whole?.get('Service.ExecStart'), one?.get('Service.ExecStart')]).toEqual([
      '/usr/bin/env node /opt/parceler/bin/parceler serve',
      '/usr/bin/env node /opt/parceler/bin/parceler serve --only %i',
    ]);
    for (const settings of [whole, one])
      for (const key of ['Service.ExecStart', 'Unit.Description']) settings?.delete(key);
    expect(one).toEqual(whole);
  });

  it.each(OURS)('%s gives programs the time to end that serve gives them (trust 2.8)', (name) => {
    expect(unit(name).get('Service.KillMode')).toBe('mixed');
    expect(Number(unit(name).get('Service.TimeoutStopSec'))).toBeGreaterThan(40);
  });

  it('start what is there', () => {
    const { bin } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { bin: { parceler: string } };
    const files = UNITS.flatMap((name) => [
      ...(unit(name).get('Service.ExecStart') ?? '').matchAll(/\/opt\/parceler\/(\S+)/g),
    ]);
    expect(files.map(([, file]) => file).toSorted()).toEqual([bin.parceler, bin.parceler, 'deploy/litestream.yml']);
    for (const [, file = ''] of files) expect([file, existsSync(join(ROOT, file))]).toEqual([file, true]);
  });

  it('are those that the operations guide installs, with the files that they read', () => {
    for (const name of [...UNITS, 'parceler']) expect(PAGE).toContain(`deploy/systemd/${name}`);
    for (const name of UNITS) expect(PAGE).toContain(unit(name).get('Service.EnvironmentFile'));
    for (const program of PROGRAMS) expect(PAGE).toContain(`parceler@${program}`);
  });
});

describe('the command line for root', () => {
  it('has the settings, the user and the umask of the service', () => {
    const file = join(FOLDER, 'parceler');
    execFileSync('sh', ['-n', file]);
    const text = readFileSync(file, 'utf8');
    const service = unit('parceler.service');
    expect(text).toContain(`. ${String(service.get('Service.EnvironmentFile'))}\n`);
    expect(text).toContain(`umask ${String(service.get('Service.UMask')).slice(1)}\n`);
    expect(text).toContain(`cd ${String(service.get('Service.WorkingDirectory'))} &&`);
    expect(text).toContain(`runuser -u ${String(service.get('Service.User'))} -- /opt/parceler/bin/parceler "$@"`);
  });
});
