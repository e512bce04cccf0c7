import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { environmentExample } from './documentation.js';
import { loadConfig } from './load-config.js';
import { readEnvironment } from './read-environment.js';

describe('readEnvironment', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'environment-'))));
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('is what the process was given when there is no file', () => {
    expect(readEnvironment({ PORT: '1' }, folder)).toEqual({ PORT: '1' });
  });

  it('completes it by the file, and what was given wins', () => {
    writeFileSync(join(folder, '.env'), '# a comment\nPORT=2\nSYNC_SCHEDULE="0 4 * * *" # at night\nexport HOST=::1\n');
    expect(readEnvironment({ PORT: '1' }, folder)).toEqual({ PORT: '1', SYNC_SCHEDULE: '0 4 * * *', HOST: '::1' });
  });

  it('does not go on without a file that is there and cannot be read', () => {
    mkdirSync(join(folder, '.env'));
    expect(() => readEnvironment({}, folder)).toThrow(expect.objectContaining({ code: 'ENV_FILE_UNREADABLE' }));
  });

  it('reads the example with every line in force as what holds anyway', () => {
    writeFileSync(join(folder, '.env'), environmentExample().replaceAll(/^#(?=[A-Z_]+=)/gm, ''));
    const options = { directory: folder, keptKey: () => Buffer.alloc(32) };
    expect(loadConfig(readEnvironment({}, folder), options)).toEqual(loadConfig({}, options));
  });
});
