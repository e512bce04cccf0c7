import { createHash } from 'node:crypto';
import { deflateRawSync, gunzipSync } from 'node:zlib';

import fc from 'fast-check';

import { byBytes } from '#libs/kernel/byte-order.js';
import { repositoryName, snapshotId } from '#libs/kernel/ids.js';
import { type Sha256 } from '#libs/storage/layout.js';

import { packBlock, storeBlock, unpackBlock } from './block.js';
import { endOfLineFor, fileLine, headerLine, parseFiles, trailerLine, type ManifestFile } from './manifest.js';
import { filesOf, parseManifest } from './read-manifest.js';
import { ManifestDraft } from './write-manifest.js';

const sha = (text: string): Sha256 => createHash('sha256').update(text).digest('hex') as Sha256;
const file = (path: string, size = 7): ManifestFile => ({
  path,
  signature: `${size.toString(36)}.dm5f.dm5f.3x`,
  size,
  mtimeMs: 1_768_386_645_000,
  sha256: sha(path),
});
const FACTS = {
  repository: repositoryName('debian'),
  id: snapshotId('20260114T103045Z'),
  sequence: 3,
  takenAt: new Date('2026-01-14T10:30:45.123Z'),
  changes: { added: 1, changed: 2, removed: 3 },
  held: undefined,
};

function sealed(files: readonly ManifestFile[], facts: Partial<typeof FACTS> = {}) {
  const draft = new ManifestDraft();
  for (const each of files) draft.add(each);
  return draft.seal({ ...FACTS, ...facts });
}

const name = fc.oneof(
  fc.string({ minLength: 1, maxLength: 8, unit: 'binary' }),
  fc.constantFrom('a', 'a.b', '\u{1f4e6}', '"', '\\'),
);
const path = fc
  .array(name, { minLength: 1, maxLength: 3 })
  .map((names) => names.map((each) => each.replaceAll(/[/\0]/g, '_').replace(/^\.{1,2}$/, 'dot')).join('/'));
const files = fc
  .uniqueArray(
    fc.record({ path, size: fc.nat(), mtimeMs: fc.integer(), signature: fc.string(), content: fc.string() }),
    {
      selector: (each) => each.path,
      maxLength: 40,
    },
  )
  .map((all) =>
    all.map(({ content, ...each }) => ({ ...each, sha256: sha(content) })).sort((a, b) => byBytes(a.path, b.path)),
  );

describe('a manifest', () => {
  it('comes back as it was written', () => {
    fc.assert(
      fc.property(files, (all) => {
        const { bytes, sha256 } = sealed(all);
        const manifest = parseManifest(bytes);
        expect([...filesOf(manifest)]).toEqual(all);
        expect(manifest.header).toEqual({
          ...FACTS,
          files: all.length,
          bytes: all.reduce((sum, { size }) => sum + size, 0),
        });
        expect(manifest.sha256).toBe(sha256);
        expect(sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
      }),
    );
  });

  it('is what gunzip reads: a header, a line for each file, a trailer', () => {
    const lines = gunzipSync(sealed([file('a'), file('b/c')]).bytes)
      .toString()
      .split('\n');
    expect(lines.map((line) => (line === '' ? undefined : (JSON.parse(line) as unknown)))).toEqual([
      {
        format: 'parceler-manifest-1',
        repository: 'debian',
        id: '20260114T103045Z',
        sequence: 3,
        takenAt: '2026-01-14T10:30:45.123Z',
        files: 2,
        bytes: 14,
        changes: { added: 1, changed: 2, removed: 3 },
      },
      { path: 'a', signature: '7.dm5f.dm5f.3x', size: 7, mtime: 1_768_386_645_000, sha256: sha('a') },
      { path: 'b/c', signature: '7.dm5f.dm5f.3x', size: 7, mtime: 1_768_386_645_000, sha256: sha('b/c') },
      { files: 2, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string },
      undefined,
    ]);
  });

  it('keeps why it was held', () => {
    const draft = new ManifestDraft();
    const { bytes } = draft.seal({ ...FACTS, held: 'The source is empty; it had 4 files before.' });
    expect(parseManifest(bytes).header.held).toBe('The source is empty; it had 4 files before.');
  });

  const { bytes: good } = sealed(Array.from({ length: 8 }, (_, index) => file(`pool/${String(index + 10)}.deb`)));

  it('is refused when it was cut off, wherever (T-07)', () => {
    for (let length = 0; length < good.length; length += 1) {
      expect(() => parseManifest(good.subarray(0, length))).toThrow(
        expect.objectContaining({ code: 'MANIFEST_REFUSED' }),
      );
    }
  });

  it('is refused when one bit of it was flipped, whichever (T-07)', () => {
    for (let bit = 0; bit < good.length * 8; bit += 1) {
      const bad = Buffer.from(good);
      bad.writeUInt8(bad.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect(() => parseManifest(bad)).toThrow(expect.objectContaining({ code: 'MANIFEST_REFUSED' }));
    }
  });

  it('is refused when something follows it, or when it is not one at all', () => {
    for (const bad of [
      Buffer.concat([good, good]),
      Buffer.concat([good, Buffer.from([0])]),
      Buffer.concat([good, storeBlock('T', 'x').bytes]),
      Buffer.alloc(0),
      Buffer.from('hello'),
      Buffer.alloc(10_000),
      storeBlock('T', trailerLine({ files: 0, sha256: sha('') })).bytes,
    ]) {
      expect(() => parseManifest(bad)).toThrow(expect.objectContaining({ code: 'MANIFEST_REFUSED' }));
    }
  });

  it('is refused when its blocks were put in another order', () => {
    const [header, body] = [
      packBlock('H', headerLine({ ...FACTS, files: 0, bytes: 0 })),
      packBlock('F', fileLine(file('a'))),
    ];
    const swapped = Buffer.concat([body.bytes, header.bytes]);
    const trailer = storeBlock(
      'T',
      trailerLine({ files: 0, sha256: createHash('sha256').update(swapped).digest('hex') as Sha256 }),
    );
    expect(() => parseManifest(Buffer.concat([swapped, trailer.bytes]))).toThrow(/one header/);
  });

  it('does not unpack a bomb (T-74)', () => {
    const bomb = packBlock('F', fileLine(file('a')).repeat(40_000));
    expect(bomb.bytes.length).toBeLessThan(200_000);
    expect(() => unpackBlock(bomb)).toThrow(expect.objectContaining({ code: 'MANIFEST_REFUSED' }));
    expect(deflateRawSync(Buffer.alloc(1)).length).toBeGreaterThan(0);
  });

  it.each([
    ['a way out', { ...file('a'), path: '../a' }],
    ['a way out in the middle', { ...file('a'), path: 'a/../b' }],
    ['an absolute path', { ...file('a'), path: '/a' }],
    ['an empty path', { ...file('a'), path: '' }],
    ['a folder', { ...file('a'), path: 'a/' }],
    ['a NUL', { ...file('a'), path: 'a\0b' }],
    ['a negative size', { ...file('a'), size: -1 }],
    ['half a byte', { ...file('a'), size: 0.5 }],
    ['a time that no number holds', { ...file('a'), mtimeMs: 9_100_000_000_000_000 }],
    ['a time that is none', { ...file('a'), mtimeMs: Number.NaN }],
    ['a hash that is none', { ...file('a'), sha256: 'abc' as Sha256 }],
  ])('is refused when it lists %s', (_, bad) => {
    const line = fileLine(file('a')).slice(0, -1);
    const { mtimeMs: mtime, ...rest } = { ...file('a'), ...bad };
    const altered = `${JSON.stringify({ ...(JSON.parse(line) as object), ...rest, mtime })}\n`;
    expect(() => parseFiles(altered)).toThrow(expect.objectContaining({ code: 'MANIFEST_REFUSED' }));
    // What cannot be read is not written either: one rule for both (I-01).
    expect(() => fileLine(bad)).toThrow(expect.objectContaining({ code: 'MANIFEST_REFUSED' }));
  });

  it.each(['...', '.a', 'a.', '..a', 'a/...', 'a/.b', 'x.y/z..'])('may list "%s"', (fine) => {
    expect(parseFiles(fileLine(file(fine)))).toEqual([file(fine)]);
  });

  it.each([
    ['another format', (line: string) => line.replace('manifest-1', 'manifest-2')],
    ['an unknown key', (line: string) => line.replace('{', '{"x":1,')],
    ['no sequence', (line: string) => line.replace('"sequence":3,', '')],
    ['a bad name', (line: string) => line.replace('"debian"', '"../debian"')],
    ['a bad time', (line: string) => line.replace('2026-01-14T', '2026-01-14 ')],
  ])('is refused with %s in its header', (_, change) => {
    const header = packBlock('H', change(headerLine({ ...FACTS, files: 0, bytes: 0 }))).bytes;
    const sha256 = createHash('sha256').update(header).digest('hex') as Sha256;
    const whole = Buffer.concat([header, storeBlock('T', trailerLine({ files: 0, sha256 })).bytes]);
    expect(() => parseManifest(whole)).toThrow(expect.objectContaining({ code: 'MANIFEST_REFUSED' }));
  });

  it('is refused when it does not list as many files as it says', () => {
    const manifest = parseManifest(good);
    expect(() => [...filesOf({ ...manifest, blocks: [] })]).toThrow(/as many files/);
  });

  it('takes over blocks and lines of another one as they are', () => {
    const all = Array.from({ length: 2_000 }, (_, index) => file(`f${String(index + 1_000)}`, index));
    const { blocks } = parseManifest(sealed(all).bytes);
    expect(blocks.length).toBe(4);
    const draft = new ManifestDraft();
    let expected: ManifestFile[] = [];
    for (const [index, block] of blocks.entries()) {
      const listed = parseFiles(unpackBlock(block));
      const extra = file(`${listed[0]?.path ?? ''}!`);
      if (index % 2 === 0) draft.add(extra);
      draft.addBlock(block, { files: listed.length, bytes: listed.reduce((sum, { size }) => sum + size, 0) });
      expected = [...expected, ...(index % 2 === 0 ? [extra] : []), ...listed];
    }
    const copy = parseManifest(draft.seal(FACTS).bytes);
    expect([...filesOf(copy)]).toEqual(expected);
    expect([...draft.files()]).toEqual(expected);
    expect(copy.header.bytes).toBe(expected.reduce((sum, { size }) => sum + size, 0));
    // One line before a block does not make a block of its own; blocks without one are copied byte by byte.
    expect(copy.blocks.length).toBe(4);
    expect(copy.blocks[1]?.bytes.equals(blocks[1]?.bytes ?? good)).toBe(true);
  });

  it('knows a line that did not change without parsing it', () => {
    const text = fileLine(file('a')) + fileLine(file('b'));
    const end = fileLine(file('a')).length;
    const { signature } = file('a');
    expect(endOfLineFor(text, 0, 'a', signature)).toBe(end);
    expect(endOfLineFor(text, end, 'b', signature)).toBe(text.length);
    expect(endOfLineFor(text, 0, 'b', signature)).toBe(-1);
    expect(endOfLineFor(text, 0, 'a', `${signature}x`)).toBe(-1);
    expect(endOfLineFor(text, 0, 'a', signature.slice(0, -1))).toBe(-1);
    expect(endOfLineFor(fileLine({ ...file('a'), signature: '' }), 0, 'a', signature)).toBe(-1);
    expect(endOfLineFor(fileLine(file('a"')), 0, 'a"', signature)).toBe(-1);
  });

  it('recognises a file by its own line alone, whatever stands in its name', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', '"', '\\', 'n', '\n', ',', ':'), maxLength: 6 });
    // The other one is often what JSON makes of the first, which then stands in its line as it is.
    const pair = fc.tuple(letters, letters, fc.nat(2)).map(([one, two, kind]) => {
      const other = [two, one, JSON.stringify(one).slice(1, -1)][kind] ?? two;
      return [one, other] as const;
    });
    fc.assert(
      fc.property(pair, pair, ([path, otherPath], [signature, otherSignature]) => {
        const line = fileLine({ ...file(`a${path}`), signature });
        const recognised = endOfLineFor(line, 0, `a${otherPath}`, otherSignature) === line.length;
        expect(recognised && (path !== otherPath || signature !== otherSignature)).toBe(false);
      }),
      { numRuns: 1_000 },
    );
    expect(endOfLineFor(fileLine(file('d"/f')), 0, 'd\\"/f', file('').signature)).toBe(-1);
  });
});
