import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { environmentExample } from './documentation.js';
import { environmentOf } from './testing/environment-of.js';
import { loadConfig } from './load-config.js';
import { readEnvironment } from './read-environment.js';

describe('readEnvironment', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'environment-'))));
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('is what the process was given when there is no file', () => {
    expect(readEnvironment({ PORT: '1' }, folder)).toEqual(environmentOf({ PORT: '1' }, folder));
  });

  it('completes it by the file', () => {
    writeFileSync(join(folder, '.env'), '# a comment\nPORT=2\n');
    expect(readEnvironment({ HOST: '::1' }, folder)).toMatchObject({
      directory: folder,
      given: { HOST: '::1' },
      file: { entries: new Map([['PORT', { text: '2', line: 2 }]]), mistakes: [] },
    });
  });

  it('does not go on without a file that is there and cannot be read', () => {
    mkdirSync(join(folder, '.env'));
    expect(() => readEnvironment({}, folder)).toThrow(expect.objectContaining({ code: 'ENV_FILE_UNREADABLE' }));
  });

  it('reads the example with every line in force as what holds anyway', () => {
    writeFileSync(join(folder, '.env'), environmentExample().replaceAll(/^#(?=[A-Z_]+=)/gm, ''));
    const keptKey = () => Buffer.alloc(32);
    expect(loadConfig(readEnvironment({}, folder), keptKey)).toEqual(loadConfig(environmentOf({}, folder), keptKey));
  });
});
