import fc from 'fast-check';

import {
  asRepositoryName,
  asSnapshotId,
  instantOf,
  printable,
  repositoryName,
  snapshotId,
  snapshotIdAt,
  systemId,
} from './ids.js';

const invalid = (code: string): Error => expect.objectContaining({ kind: 'invalid', code }) as Error;
const instants = fc.date({ min: new Date('0000-01-01'), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true });

describe('a repository name', () => {
  it.each(['a', '0', 'openwrt-23_05', 'a'.repeat(63)])('may be %j', (text) => {
    expect(repositoryName(text)).toBe(text);
    expect(asRepositoryName(text)).toBe(text);
  });

  it.each(['', '-a', '_a', 'A', 'a.b', 'a/b', '..', 'a b', 'a\n', 'é', 'a'.repeat(64), '%61'])('is not %j', (text) => {
    expect(() => repositoryName(text)).toThrow(invalid('INVALID_REPOSITORY_NAME'));
    expect(asRepositoryName(text)).toBeUndefined();
  });
});

describe('a snapshot id', () => {
  it.each([
    ['20260114T103045Z', '20260114T103045Z'],
    ['20260114T103045Z-2', '20260114T103045Z-2'],
    ['20260114T103045Z-9999', '20260114T103045Z-9999'],
    ['2026-01-14T10:30:45+00:00', '20260114T103045Z'],
    ['2026-01-14T10:30:45Z', '20260114T103045Z'],
    ['2026-01-14T00:30:45+01:00', '20260113T233045Z'],
    ['2026-12-31T20:00:00-05:30', '20270101T013000Z'],
    ['20240229T000000Z', '20240229T000000Z'],
    ['00500101T000000Z', '00500101T000000Z'],
  ])('is read from %j', (text, id) => {
    expect(snapshotId(text)).toBe(id);
  });

  it.each([
    '',
    '20260114',
    '20260114T103045',
    '20260114T103045Z-1',
    '20260114T103045Z-0',
    '20260114T103045Z-02',
    '20260114T103045Z-10000',
    '20260230T000000Z',
    '20250229T000000Z',
    '20261301T000000Z',
    '20260100T000000Z',
    '20260114T240000Z',
    '20260114T106000Z',
    '20260114T103060Z',
    '2026-01-14T10:30:45+0100',
    '2026-01-14T10:30:45+15:00',
    '2026-01-14T10:30:45+01:60',
    '2026-02-30T10:30:45+01:00',
    '0000-01-01T00:00:00+01:00',
    '9999-12-31T23:59:59-01:00',
    '20260114T103045Z\n',
    ' 20260114T103045Z',
    '20260114t103045z',
    '../20260114T103045Z',
    'latest',
  ])('is not %j', (text) => {
    expect(asSnapshotId(text)).toBeUndefined();
    expect(() => snapshotId(text)).toThrow(invalid('INVALID_SNAPSHOT_ID'));
  });

  it('names the second of an instant, and gives it back (T-46)', () => {
    fc.assert(
      fc.property(instants, fc.integer({ min: 1, max: 9999 }), (instant, attempt) => {
        const id = snapshotIdAt(instant, attempt);
        expect(snapshotId(id)).toBe(id);
        expect(instantOf(id).getTime()).toBe(Math.floor(instant.getTime() / 1_000) * 1_000);
      }),
    );
  });

  it('sorts by time as text', () => {
    fc.assert(
      fc.property(instants, instants, (a, b) => {
        const order = Math.sign(instantOf(snapshotIdAt(a)).getTime() - instantOf(snapshotIdAt(b)).getTime());
        const [left, right] = [snapshotIdAt(a), snapshotIdAt(b)];
        expect(left < right ? -1 : Number(left > right)).toBe(order);
      }),
    );
  });
});

describe('a system id (T-118)', () => {
  it.each(['a', 'NBE 12/34', 'ü'.repeat(128), 'x'.repeat(256), '\u{1F600}'])('may be %j', (text) => {
    expect(systemId(text)).toBe(text);
  });

  it.each(['', 'a:b', 'a\nb', '\0', '\u0085', 'x'.repeat(257), 'ü'.repeat(129)])('is not %j', (text) => {
    expect(() => systemId(text)).toThrow(invalid('INVALID_SYSTEM_ID'));
  });

  it('keeps "é" apart in its two forms (T-124)', () => {
    expect(systemId('\u00e9')).not.toBe(systemId('e\u0301'));
  });
});

describe('printable text (T-145)', () => {
  it.each([
    ['plain text, ünïcode \u{1F600}', 'plain text, ünïcode \u{1F600}'],
    ['a\nb\tc\r', 'a\\nb\\tc\\r'],
    ['"\\', '\\"\\\\'],
    ['\u001b[31m', '\\u{1b}[31m'],
    ['\u0000\u007f\u0085', '\\u{0}\\u{7f}\\u{85}'],
    ['\u202egpj.exe\u200b\u2028', '\\u{202e}gpj.exe\\u{200b}\\u{2028}'],
    ['\ud800', '\\u{d800}'],
    ['x'.repeat(80), 'x'.repeat(80)],
    ['x'.repeat(81), `${'x'.repeat(79)}…`],
    [`${'x'.repeat(78)}\u{1F600}yz`, `${'x'.repeat(78)}…`],
  ])('of %j is %j', (text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  it('never holds what a terminal, a header or a log would obey', () => {
    const anything = fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)) });
    fc.assert(
      fc.property(anything, (text) => {
        expect(printable(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Surrogate}]/u);
        expect(printable(text).length).toBeLessThanOrEqual(80);
      }),
    );
  });
});
