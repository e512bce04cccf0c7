import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { until } from '#libs/kernel/testing/until.js';

import { Parceler } from '../support/parceler.js';

const key = (): string => randomBytes(32).toString('base64');

describe('an APP_KEY that is another one than before', () => {
  let parceler: Parceler;
  beforeEach(async () => (parceler = await Parceler.create()));
  afterEach(() => parceler.dispose());

  const code = /^[^\n]*\(APP_KEY_CHANGED\)\n$/;

  it('keeps every program from starting, and says what to do, in one line', async () => {
    parceler.must('system:add', 'box', '--edition', 'community');
    for (const only of ['api', 'scheduler', 'worker', 'api,scheduler,worker']) {
      const { status, stderr } = parceler.run(['serve', '--only', only], { env: { APP_KEY: key() } });
      expect([status, stderr]).toEqual([4, expect.stringMatching(code)]);
    }
  });

  it('is told when the kept one went away: a new one was made', async () => {
    parceler.must('system:add', 'box', '--edition', 'community');
    const file = join(parceler.storage, 'app.key');
    const before = readFileSync(file, 'utf8');
    rmSync(file);
    const { status, stderr } = parceler.run(['serve']);
    expect([status, stderr]).toEqual([4, expect.stringMatching(code)]);
    expect(readFileSync(file, 'utf8')).not.toBe(before);
  });

  it('lets an operator look and act, but hash nothing', () => {
    const env = { APP_KEY: key() };
    parceler.must('system:add', 'box', '--edition', 'community');
    for (const command of [['system:list'], ['repository:list'], ['system:revoke', 'box'], ['run:list']]) {
      expect(parceler.run(command, { env })).toMatchObject({ status: 0, stderr: '' });
    }
    for (const command of [
      ['system:add', 'other', '--edition', 'community'],
      ['system:forget', 'box'],
    ]) {
      expect(parceler.run(command, { env })).toMatchObject({
        status: 4,
        stderr: expect.stringMatching(code) as string,
      });
    }
    const { status, stdout } = parceler.run(['doctor', '--json'], { env });
    expect([status, JSON.parse(stdout)]).toEqual([
      7,
      [expect.objectContaining({ severity: 'problem', about: 'APP_KEY' })],
    ]);
  });

  it('is gone on with when an operator adopts it: systems get no answer until they are added again', async () => {
    const APP_KEY = key();
    parceler.must('repository:create', '--name', 'feed', '--command', 'echo a > "$SOURCE_DIR/a"', '--no-sync');
    for (const id of ['box', "bob's box", 'gone']) parceler.must('system:add', id, '--edition', 'community');
    parceler.must('system:revoke', 'gone');
    const refused = parceler.run(['key:adopt'], { env: { APP_KEY } });
    expect(refused).toMatchObject({ status: 2, stderr: expect.stringContaining('(NOT_CONFIRMED)') as string });
    expect(parceler.must('system:list')).not.toContain('key-changed'); // nothing was done
    const adopted = parceler.run(['key:adopt', '--yes'], { env: { APP_KEY } });
    expect(adopted).toMatchObject({ status: 0, stderr: '' });
    expect(adopted.stdout).toContain('system:add box --edition community --replace\n');
    expect(adopted.stdout).toContain(`system:add 'bob'\\''s box' --edition community --replace\n`);
    expect(adopted.stdout).not.toContain('gone');
    expect(parceler.run(['system:list'], { env: { APP_KEY } }).stdout).toMatch(/^box +community +key-changed /m);
    await parceler.serve({ only: 'api', env: { APP_KEY } });
    const ask = async () => {
      const headers = { Authorization: `Basic ${Buffer.from('box:good').toString('base64')}` };
      return (await fetch(`${parceler.origin}/repository/community/feed/a`, { headers })).status;
    };
    expect(await ask()).toBe(503);
    await until(() => parceler.output.includes('the system was registered under another APP_KEY'));
    const added = parceler.run(['system:add', 'box', '--edition', 'community', '--replace', '--secret-stdin'], {
      env: { APP_KEY },
      input: 'good',
    });
    expect(added).toMatchObject({ status: 0, stderr: '' });
    expect(await ask()).toBe(404); // known again; there is no snapshot yet
    expect(parceler.run(['system:list'], { env: { APP_KEY } }).stdout).toMatch(/^box +community +good /m);
    expect(parceler.run(['key:adopt'], { env: { APP_KEY } }).stdout).toContain('nothing to adopt');
  });
});
