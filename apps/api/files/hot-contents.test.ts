import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { DamagedBlob } from './blob-file.js';
import { HotContents } from './hot-contents.js';

describe('HotContents', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hot-'));
  const path = join(folder, 'blob');
  afterAll(() => rmSync(folder, { recursive: true }));
  beforeEach(() => {
    rmSync(path, { recursive: true, force: true });
    writeFileSync(path, 'content');
  });

  it('reads once what stays the same', () => {
    const hot = new HotContents();
    expect(hot.read(path, 7).toString()).toBe('content');
    expect(hot.read(path, 7)).toBe(hot.read(path, 7));
  });

  it.each([
    ['removed', () => rmSync(path)],
    ['cut', () => truncateSync(path, 3)],
    ['replaced by another of another size', () => writeFileSync(path, 'something else')],
    [
      'a folder now',
      () => {
        rmSync(path);
        mkdirSync(path);
      },
    ],
  ])('notices when it was %s', (_, change) => {
    const hot = new HotContents();
    hot.read(path, 7);
    change();
    expect(() => hot.read(path, 7)).toThrow(DamagedBlob);
  });

  it('reads again what was repaired', () => {
    const hot = new HotContents();
    hot.read(path, 7);
    rmSync(path);
    writeFileSync(path, 'CONTENT');
    expect(hot.read(path, 7).toString()).toBe('CONTENT');
  });

  it('keeps no more than it may', () => {
    const hot = new HotContents(600);
    const first = hot.read(path, 7);
    const other = join(folder, 'other');
    writeFileSync(other, 'x'.repeat(50));
    hot.read(other, 50);
    expect(hot.read(path, 7)).not.toBe(first);
  });

  it('has no trouble with an empty file', () => {
    truncateSync(path, 0);
    expect(new HotContents().read(path, 0)).toHaveLength(0);
  });
});
