import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { BetterSqlite3 } from '#libs/persistence/sqlite/driver.js';

import { fencesOf, PAGES } from '../docs/pages.js';
import { Parceler } from '../support/parceler.js';
import { PlainUpstream } from '../support/plain-upstream.js';

jest.setTimeout(120_000); // real processes, one after the other

const STEPS = PAGES.filter(({ file }) => file === 'docs/operations.md')
  .flatMap((page) => fencesOf(page, 'sh'))
  .find(({ text }) => text.includes('litestream restore -config'));

/** The guide's steps, word for word, with stand-ins for systemd and for Litestream, and folders of the test's own. */
describe('restoring what Litestream copied, as the operations guide says', () => {
  const upstream = new PlainUpstream();
  let parceler: Parceler;
  let programs: string;
  let copied: string;

  beforeAll(async () => {
    parceler = await Parceler.create();
    programs = join(parceler.folder, 'programs');
    copied = join(parceler.folder, 'copied.sqlite');
    mkdirSync(programs);
    upstream.write('base/Packages', 'Package: a\n');
    program('systemctl', `echo "$@" >> ${parceler.folder}/systemctl.log`);
    program('runuser', 'while [ "$1" != -- ]; do shift; done; shift; exec "$@"');
    program('parceler', `exec ${process.execPath} ${resolve('bin/parceler')} "$@"`);
    // As the real one: the database has to be in the file that it is given, and nothing may be in its place.
    program(
      'litestream',
      `[ "$1 $2" = 'restore -config' ] && [ -f "$3" ] && [ ! -e "$4" ] || exit 1
       grep -qF "$(printf '%s' "$4" | sed "s|^$STORAGE_PATH|\\\${STORAGE_PATH}|")" "$3" && cp ${copied} "$4"`,
    );
  });
  afterAll(async () => {
    await parceler.dispose();
    upstream.dispose();
  });

  function program(name: string, script: string): void {
    writeFileSync(join(programs, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(programs, name), 0o755);
  }

  const create = (name: string): string =>
    parceler.must('repository:create', '--name', name, '--command', upstream.command, '--delay', '0', '--no-sync');
  const names = (): readonly string[] =>
    parceler.json<readonly { readonly name: string }[]>('repository:list').map(({ name }) => name);

  it('brings back what was there, keeps what it replaces, and serves', async () => {
    const serving = await parceler.serve();
    create('before');
    parceler.must('repository:sync', 'before', '--wait');
    const database = new BetterSqlite3(join(parceler.storage, 'parceler.sqlite'), { readonly: true });
    database.exec(`vacuum into '${copied}'`);
    database.close();
    create('after');
    await parceler.stop(serving);

    const settings = join(parceler.folder, 'litestream.env');
    writeFileSync(settings, `STORAGE_PATH=${parceler.storage}\n`);
    const steps = (STEPS?.text ?? '')
      .replaceAll('/var/lib/parceler', parceler.storage)
      .replaceAll('/etc/parceler-litestream.env', settings)
      .replaceAll('/opt/parceler', resolve('.'));
    const env = { ...parceler.environment, PATH: `${programs}:${process.env['PATH'] ?? ''}` };
    const done = spawnSync('sh', ['-e', '-c', steps], { cwd: parceler.folder, env, encoding: 'utf8' });
    expect([done.status, done.stderr]).toEqual([0, '']);

    const log = readFileSync(join(parceler.folder, 'systemctl.log'), 'utf8');
    expect(
      log
        .split('\n')
        .slice(0, -1)
        .map((line) => line.split(' ')[0]),
    ).toEqual(['stop', 'start']);
    expect(existsSync(join(parceler.storage, 'before/parceler.sqlite'))).toBe(true);
    expect(names()).toEqual(['before']);
    await parceler.serve();
    expect(parceler.must('repository:files', 'before')).toContain('base/Packages');
  });
});
