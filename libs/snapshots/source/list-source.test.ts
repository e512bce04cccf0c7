import { createHash } from 'node:crypto';

import fc from 'fast-check';

import { byBytes } from '#libs/kernel/byte-order.js';
import { repositoryName, snapshotId } from '#libs/kernel/ids.js';
import { type Sha256 } from '#libs/storage/layout.js';

import { allAdded, catalogChanges } from '../catalog/catalog-changes.js';
import { listed, type Ingest } from './list-builder.js';
import { listSource } from './list-source.js';
import { type ManifestFile } from '../manifest/manifest.js';
import { filesOf, parseManifest, type Manifest } from '../manifest/read-manifest.js';
import { type ManifestDraft } from '../manifest/write-manifest.js';
import { type SourceFile } from './source.js';

const sha = (text: string) => createHash('sha256').update(text).digest('hex') as Sha256;

/** Files whose content is told by their signature. */
const file = (path: string, version: number): SourceFile => ({
  path,
  size: version + 1,
  mtimeMs: version,
  signature: `v${String(version)}`,
});
const ingested = (each: SourceFile): ManifestFile => ({ ...each, sha256: sha(each.path + each.signature) });
const ingest: Ingest = (files) => Promise.resolve(files.map(ingested));

async function* walking(files: readonly SourceFile[], batch = 100): AsyncGenerator<readonly SourceFile[]> {
  for (let at = 0; at < files.length; at += batch) yield Promise.resolve(files.slice(at, at + batch));
}

const manifestOf = (draft: ManifestDraft): Manifest =>
  parseManifest(
    draft.seal({
      repository: repositoryName('debian'),
      id: snapshotId('20260114T103045Z'),
      sequence: 1,
      takenAt: new Date(0),
      changes: { added: 0, changed: 0, removed: 0 },
      held: undefined,
    }).bytes,
  );
const manifestFor = async (files: readonly SourceFile[]): Promise<Manifest> =>
  manifestOf((await listSource(walking(files), undefined, ingest)).draft);

async function* asynchronously<T>(items: Iterable<T>): AsyncGenerator<T> {
  for (const item of items) yield Promise.resolve(item);
}

const numbered = (index: number, version = 0): SourceFile => file(`pool/${String(index).padStart(5, '0')}`, version);
const MANY = Array.from({ length: 2_000 }, (_, index) => numbered(index * 2));

const edit = fc.record({ at: fc.nat(3_999), kind: fc.constantFrom('change', 'remove', 'add') });

describe('listSource', () => {
  it('leads from any list to any other, whatever the batches (I-26)', async () => {
    const before = await manifestFor(MANY);
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { maxLength: 40 }), fc.integer({ min: 1, max: 3_000 }), async (edits, batch) => {
        const wanted = new Map(MANY.map((each) => [each.path, each]));
        for (const { at, kind } of edits) {
          if (kind === 'add') wanted.set(numbered(at).path, numbered(at));
          else if (kind === 'remove') wanted.delete(numbered(at).path);
          else if (wanted.has(numbered(at).path)) wanted.set(numbered(at).path, numbered(at, 1));
        }
        const source = [...wanted.values()].sort((a, b) => byBytes(a.path, b.path));
        const list = await listSource(walking(source, batch), { manifest: before, trusted: true }, ingest);
        const after = manifestOf(list.draft);
        expect([...filesOf(after)]).toEqual(source.map(ingested));
        expect(after.header.bytes).toBe(source.reduce((sum, { size }) => sum + size, 0));
        const expected = await catalogChanges(asynchronously(filesOf(before)), filesOf(after));
        expect([...list.changes].sort((a, b) => byBytes(a.path, b.path))).toEqual(expected);
        const { added, changed, removed } = list.counts;
        expect(added + changed + removed).toBe(expected.length);
        expect(removed).toBe(expected.filter((change) => change.file === undefined).length);
        expect(added - removed).toBe(source.length - MANY.length);
      }),
      { numRuns: 25 },
    );
  });

  it('reads only what changed, and takes over the blocks in which nothing did', async () => {
    const before = await manifestFor(MANY);
    const source = MANY.map((each, index) => (index === 700 ? file(each.path, 1) : each));
    const read: string[] = [];
    const list = await listSource(walking(source), { manifest: before, trusted: true }, (files) => {
      read.push(...files.map(({ path }) => path));
      return ingest(files);
    });
    expect(read).toEqual([MANY[700]?.path]);
    const blocks = manifestOf(list.draft).blocks.map(({ bytes }) => bytes.toString('latin1'));
    const old = before.blocks.map(({ bytes }) => bytes.toString('latin1'));
    expect(blocks.map((bytes, index) => bytes === old[index])).toEqual([true, false, true, true]);
  });

  it('reads all of it again when what is known is not trusted, and finds nothing changed', async () => {
    const before = await manifestFor(MANY);
    let read = 0;
    const list = await listSource(walking(MANY), { manifest: before, trusted: false }, (files) => {
      read += files.length;
      return ingest(files);
    });
    expect(read).toBe(MANY.length);
    expect(list.counts).toEqual({ added: 0, changed: 0, removed: 0 });
    expect(list.changes).toEqual([]);
  });

  it('ingests in batches of bounded size and keeps the order', async () => {
    const source = Array.from({ length: 20_000 }, (_, index) => numbered(index));
    const batches: number[] = [];
    const { draft, counts } = await listSource(walking(source), undefined, (files) => {
      batches.push(files.length);
      return ingest(files);
    });
    expect(batches).toEqual([8_192, 8_192, 3_616]);
    expect(counts.added).toBe(20_000);
    expect([...draft.files()].map(({ path }) => path)).toEqual(source.map(({ path }) => path));
  });

  it('fails when the source fails, wherever', async () => {
    const breaking = async function* () {
      yield* walking(MANY.slice(0, 1_500));
      throw new Error('the walk broke off');
    };
    const before = { manifest: await manifestFor(MANY), trusted: true };
    await expect(listSource(breaking(), before, ingest)).rejects.toThrow('the walk broke off');
    const fewer: Ingest = (files) => Promise.resolve(files.slice(1).map(ingested));
    await expect(listSource(walking(MANY), undefined, fewer)).rejects.toThrow('fewer files');
  });
});

describe('allAdded', () => {
  it('can be gone through again', () => {
    const files = [ingested(numbered(1)), ingested(numbered(2))];
    const changes = allAdded(() => files);
    const expected = files.map((each) => ({ path: each.path, file: listed(each) }));
    expect([...changes]).toEqual(expected);
    expect([...changes]).toEqual(expected);
  });
});
