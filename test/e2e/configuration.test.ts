import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { Parceler } from '../support/parceler.js';

describe('a configuration in .env', () => {
  let parceler: Parceler;
  beforeEach(async () => (parceler = await Parceler.create()));
  afterEach(() => parceler.dispose());

  const envFile = (...lines: readonly string[]): void => {
    writeFileSync(join(parceler.folder, '.env'), lines.map((line) => `${line}\n`).join(''));
  };

  it('is shown variable by variable, with where each comes from, and nothing is made by looking', () => {
    envFile('# mine', 'SYNC_TIMEOUT=120m', `APP_KEY=${parceler.must('key:generate', '--show')}`);
    const settings = parceler.json<{ name: string; value: string | null; from: string }[]>('config:check');
    expect(settings).toContainEqual({ name: 'SYNC_TIMEOUT', value: '120m', from: '.env line 2' });
    expect(settings).toContainEqual({ name: 'APP_KEY', value: '[secret]', from: '.env line 3' });
    expect(settings).toContainEqual({ name: 'STORAGE_PATH', value: parceler.storage, from: 'environment' });
    expect(settings).toContainEqual({ name: 'LICENCE_GRACE', value: '48h', from: 'default' });
    expect(parceler.must('config:check')).toMatch(/^SYNC_TIMEOUT +120m +\.env line 2$/m);
    expect(existsSync(parceler.storage)).toBe(false);
  });

  it('is refused with all of its mistakes: in one line by programs, a line each by config:check', () => {
    envFile('PORT=80', 'SYNC TIMEOUT=5m', 'SYNC_TIMOUT=5m', 'CHECK_SHRINK=2', 'PORT=81');
    for (const command of ['serve', 'repository:list']) {
      const { status, stderr } = parceler.run([command]);
      expect([status, stderr.trimEnd().split('\n').length]).toEqual([2, 1]);
      for (const mistake of ['Line 2', 'Line 5', 'CHECK_SHRINK is "2"', 'SYNC_TIMEOUT?'])
        expect(stderr).toContain(mistake);
    }
    const { status, stdout, stderr } = parceler.run(['config:check']);
    expect(status).toBe(2);
    expect(stderr.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^error: Line 2 of \.env .* \(INVALID_CONFIGURATION\)$/),
      expect.stringMatching(/^error: Line 5 of \.env sets PORT again, after line 1/),
      expect.stringMatching(/^error: CHECK_SHRINK is "2" \(\.env line 4\); expected/),
      expect.stringMatching(/^error: SYNC_TIMOUT \(\.env line 3\) is no setting; did you mean SYNC_TIMEOUT\?/),
    ]);
    expect(stdout).toMatch(/^CHECK_SHRINK +2 +\.env line 4$/m);
  });

  it('reaches sync commands as far as it is let through (T-70)', async () => {
    envFile('TOKEN=seen', 'OTHER=canary', 'SYNC_ENV=TOKEN', 'SYNC_SCHEDULE="0 4 * * *" # at night');
    parceler.must('repository:create', '--name', 'feed', '--command', 'env; touch "$SOURCE_DIR/a"', '--no-sync');
    await parceler.serve();
    parceler.must('repository:sync', 'feed', '--wait');
    const log = parceler.must('run:log', '1');
    expect(log).toContain('TOKEN=');
    expect(log).not.toMatch(/canary|APP_KEY|SYNC_/);
  });
});
