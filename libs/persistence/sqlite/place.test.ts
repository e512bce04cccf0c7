import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { messageOf } from '#libs/kernel/errors.js';

import { preparePlace } from './place.js';

const failureOf = (work: () => void): unknown => {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
};

describe('preparePlace', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'place-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('makes the folder, which others may not look into, and the file for its owner alone', () => {
    const file = join(folder, 'a/b/parceler.sqlite');
    preparePlace(file);
    expect(statSync(join(folder, 'a')).mode & 0o007).toBe(0);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('leaves an existing file as it is', () => {
    const file = join(folder, 'parceler.sqlite');
    writeFileSync(file, 'content', { mode: 0o640 });
    const before = statSync(file);
    preparePlace(file);
    expect(statSync(file)).toMatchObject({ size: 7, mode: before.mode, mtimeMs: before.mtimeMs });
  });

  it('refuses a network disk before it makes a file there (T-40)', () => {
    const file = join(folder, 'parceler.sqlite');
    const error = failureOf(() => {
      preparePlace(file, () => 0x6969);
    });
    expect(error).toMatchObject({ kind: 'invalid', code: 'DATABASE_ON_NETWORK_DISK' });
    expect(messageOf(error)).toContain(`${file} lies on a network disk (NFS)`);
    expect(statSync(file, { throwIfNoEntry: false })).toBeUndefined();
  });

  it('refuses a folder in the place of the file', () => {
    mkdirSync(join(folder, 'parceler.sqlite'));
    expect(
      failureOf(() => {
        preparePlace(join(folder, 'parceler.sqlite'));
      }),
    ).toMatchObject({ code: 'DATABASE_NOT_A_FILE' });
  });

  it.each(['file', 'file/below'])('refuses a folder that cannot be made because "%s" is in the way (T-31)', (name) => {
    writeFileSync(join(folder, 'file'), '');
    const file = join(folder, name, 'parceler.sqlite');
    const error = failureOf(() => {
      preparePlace(file);
    });
    expect(error).toMatchObject({ code: 'DATABASE_NO_FOLDER' });
    expect(messageOf(error)).toContain(file);
  });
});
