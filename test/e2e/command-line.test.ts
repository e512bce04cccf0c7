import { execFileSync } from 'node:child_process';
import { readFileSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { Parceler } from '../support/parceler.js';
import { PlainUpstream } from '../support/plain-upstream.js';

jest.setTimeout(60_000); // real processes, one after the other

describe('the command line', () => {
  const upstream = new PlainUpstream();
  let parceler: Parceler;
  beforeAll(async () => {
    parceler = await Parceler.create();
    upstream.write('package', 'one');
  });
  afterAll(async () => {
    await parceler.dispose();
    upstream.dispose();
  });

  it.each(['--version', '-V'])('%s: the version of the package', (typed) => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(parceler.must(typed)).toBe(`parceler ${version}\n`);
  });

  it('runs through a link on the PATH, in any folder', () => {
    const { environment: env, folder: cwd } = parceler;
    const link = join(cwd, 'parceler');
    symlinkSync(resolve('bin/parceler'), link);
    expect(execFileSync(link, ['repository:list', '--json'], { cwd, env, encoding: 'utf8' })).toBe('[]\n');
  });

  it('help <command> is <command> --help; of an unknown one it says so', () => {
    expect(parceler.must('help', 'repository:freeze')).toBe(parceler.must('repository:freeze', '--help'));
    expect(parceler.must('help')).toBe(parceler.must('--help'));
    const unknown = parceler.run(['help', 'repository:freez']);
    expect(unknown).toMatchObject({ status: 2, stdout: '' });
    expect(unknown.stderr).toContain('Did you mean repository:freeze');
  });

  it.each([
    ['0', 'it serves new packages at once'],
    ['1', 'it holds new packages back for 1 day'],
    ['7', 'it holds new packages back for 7 days'],
  ])('a delay of %s, told in words', (delay, text) => {
    const create = ['repository:create', '--name', `delay-${delay}`, '--command', 'true', '--no-sync'];
    expect(parceler.must(...create, '--delay', delay)).toBe(`Registered delay-${delay}; ${text}.\n`);
  });

  it('counts a single file as one', () => {
    parceler.must('repository:create', '--name', 'feed', '--command', upstream.command);
    parceler.must('queue:work', '--once');
    const [snapshot] = parceler.json<{ id: string }[]>('repository:snapshots', 'feed');
    expect(parceler.must('snapshot:verify', 'feed', snapshot?.id ?? '')).toContain(' is sound: 1 file, 3 B.');
    expect(parceler.must('snapshot:export', 'feed', snapshot?.id ?? '', 'exported')).toContain('Exported 1 file, 3 B');
    expect(parceler.must('garbage:collect')).toMatch(/^needed +1 blob, 3 B$/m);
  });

  it('shows what is served under a path, be it a file or a folder, with slashes or without', () => {
    const command = 'cd "$SOURCE_DIR" && mkdir -p base && touch base/one base/two base.list';
    const said = parceler.must('repository:create', '--name', 'paths', '--command', command);
    expect(said).toMatch(/run (\d+), for parceler serve or queue:work: parceler run:log \1 --follow\n$/);
    parceler.must('queue:work', '--once');
    const filesAt = (...path: readonly string[]) => parceler.must('repository:files', 'paths', ...path);
    for (const folder of ['base', '/base', 'base/', '//base//']) expect(filesAt(folder)).toBe('base/one\nbase/two\n');
    for (const file of ['base/two', '/base/two']) expect(filesAt(file)).toBe('base/two\n');
    expect(parceler.json('repository:files', 'paths', 'base.list')).toMatchObject([{ path: 'base.list', size: 0 }]);
    expect(filesAt('/')).toBe(filesAt());
  });

  it('says what was changed in the words of the options, and what is served with it', () => {
    const changed = parceler.must('repository:update', 'feed', '--hold-back', 'minimum-age', '--editions', 'community');
    expect(changed).toMatch(/^Changed feed: --hold-back, --editions\.\nServed now: /);
  });

  it('says when it makes an installation: the folder may be the wrong one', async () => {
    const elsewhere = await Parceler.create();
    const first = elsewhere.run(['repository:list']);
    expect(first).toMatchObject({ status: 0, stdout: 'No repositories yet: repository:create makes one.\n' });
    expect(first.stderr).toBe(`There was no installation yet: ${join(elsewhere.storage, 'parceler.sqlite')} is new.\n`);
    expect(elsewhere.run(['repository:list']).stderr).toBe('');
    await elsewhere.dispose();
  });

  it('says when there is nothing to retry', () => {
    expect(parceler.must('queue:retry', 'all')).toBe('No failed jobs.\n');
  });

  it('says when nothing was remembered of a system, and whether it is known at all', () => {
    parceler.must('system:add', 'known', '--edition', 'community');
    expect(parceler.must('system:forget', 'known')).toBe('Nothing was remembered of known.\n');
    expect(parceler.must('system:forget', 'unknown')).toBe(
      'Nothing was remembered of unknown, and the register has no such system.\n',
    );
  });

  it('gives a registered system another secret, in that edition, and keeps the end of its subscription', () => {
    const add = ['system:add', 'box', '--edition', 'enterprise'];
    parceler.must(...add, '--valid-until', '2099-01-31');
    const refused = parceler.run(add);
    expect(refused.status).toBe(4);
    expect(refused.stderr).toContain('system:add --replace');
    const secret = parceler
      .must(...add, '--replace')
      .trim()
      .split('\n')
      .at(-1);
    expect(secret).toMatch(/^[\w-]{43}$/);
    const systems = parceler.json<{ id: string }[]>('system:list').filter(({ id }) => id === 'box');
    expect(systems).toMatchObject([{ edition: 'enterprise', state: 'good', validUntil: '2099-01-31T00:00:00.000Z' }]);
    expect(parceler.must('system:list')).toMatch(/^box +enterprise +good /m);
  });
});
