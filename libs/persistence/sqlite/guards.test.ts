import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type AppError, messageOf } from '#libs/kernel/errors.js';

import { assertSafeLibrary, explainFileError, networkFileSystem, preparePlace } from './guards.js';

const failureOf = (work: () => void): unknown => {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
};

describe('assertSafeLibrary (T-86)', () => {
  it.each(['3.51.3', '3.51.10', '3.52.0', '3.53.2', '4.0.0', '3.50.7'])('takes SQLite %s', (version) => {
    expect(() => {
      assertSafeLibrary(version);
    }).not.toThrow();
  });

  it.each(['3.51.2', '3.51.0', '3.50.6', '3.50.8', '3.9.99', '2.99.99', '', 'unknown'])(
    'refuses SQLite "%s"',
    (version) => {
      const error = failureOf(() => {
        assertSafeLibrary(version);
      });
      expect(error).toMatchObject({ code: 'DATABASE_LIBRARY_UNSAFE' });
      expect(messageOf(error)).toContain('WAL-reset bug');
    },
  );
});

describe('networkFileSystem (T-40)', () => {
  it.each([
    ['NFS', 0x6969],
    ['SMB', 0x517b],
    ['CIFS', 0xff534d42],
    ['CIFS', -0xacb2be], // the same, where the kernel's word is signed
    ['SMB2', 0xfe534d42],
    ['9P', 0x01021997],
    ['Ceph', 0x00c36400],
    ['Lustre', 0x0bd00bd0],
  ])('knows %s', (name, type) => {
    expect(networkFileSystem(type)).toBe(name);
  });

  it.each([
    ['ext4', 0xef53],
    ['XFS', 0x58465342],
    ['btrfs', 0x9123683e],
    ['ZFS', 0x2fc12fc1],
    ['overlay', 0x794c7630],
    ['tmpfs', 0x01021994],
    ['FUSE', 0x65735546],
    ['no Linux', 0],
  ])('leaves %s alone', (_name, type) => {
    expect(networkFileSystem(type)).toBeUndefined();
  });
});

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

describe('explainFileError (T-31)', () => {
  const failure = (code: string) => Object.assign(new Error('from the system'), { code });

  it.each([
    ['EACCES', 'DATABASE_NOT_WRITABLE'],
    ['EPERM', 'DATABASE_NOT_WRITABLE'],
    ['EROFS', 'DATABASE_NOT_WRITABLE'],
    ['ENOENT', 'DATABASE_NO_FOLDER'],
    ['ENOSPC', 'DATABASE_FULL'],
  ])('turns %s into %s, names the path and the way out', (errno, code) => {
    const error = failure(errno);
    const explained = explainFileError(error, '/data/parceler.sqlite');
    expect(explained).toMatchObject({ kind: 'unavailable', code, cause: error });
    expect(messageOf(explained)).toContain('/data/parceler.sqlite');
    expect((explained as AppError).hint).toMatch(/\.$/);
  });

  it('leaves what it does not know', () => {
    const error = failure('EIEIO');
    expect(explainFileError(error, '/data/parceler.sqlite')).toBe(error);
  });
});
