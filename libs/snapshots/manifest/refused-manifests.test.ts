import fs from 'node:fs';

import { type NewSnapshot } from '../snapshot.js';
import { DEBIAN, SnapshotWorld } from '../testing/snapshot-world.js';
import { unpackBlock } from './block.js';
import { parseManifest } from './read-manifest.js';
import { RefusedManifests } from './refused-manifests.js';
import { ManifestDraft } from './write-manifest.js';

describe('RefusedManifests', () => {
  let world: SnapshotWorld;
  let taken: readonly NewSnapshot[];
  beforeEach(async () => {
    world = await SnapshotWorld.make();
    world.change({ a: 'a' });
    taken = [await world.take(), await world.take()];
  });
  afterEach(() => {
    world.remove();
  });

  const reasons = async () => {
    const refused = new RefusedManifests();
    const found: (string | undefined)[] = [];
    for (const snapshot of taken) found.push(await refused.reason(world.disk, snapshot));
    return found;
  };
  /** Writes a manifest with other lines, but a trailer that fits. */
  const rewrite = ({ id }: NewSnapshot, change: (text: string) => string) => {
    const { header, blocks } = parseManifest(fs.readFileSync(world.manifestPath(id)));
    const draft = new ManifestDraft();
    draft.addLines(change(blocks.map(unpackBlock).join('')), header);
    fs.writeFileSync(world.manifestPath(id), draft.seal(header).bytes);
  };

  it('finds nothing where all is well, or gone', async () => {
    expect(await reasons()).toEqual([undefined, undefined]);
    fs.rmSync(`${world.root}/snapshots/${DEBIAN}`, { recursive: true });
    expect(await reasons()).toEqual([undefined, undefined]);
  });

  it('tells of each whose lines cannot be read, also when they share them', async () => {
    for (const snapshot of taken) rewrite(snapshot, (text) => text.replace(/"mtime":\d+/, '"mtime":9100000000000000'));
    const told = expect.stringContaining('does not describe a file') as string;
    expect(await reasons()).toEqual([told, told]);
  });

  it('tells of one that is torn, and of one that is another', async () => {
    const [first, second] = taken as readonly [NewSnapshot, NewSnapshot];
    fs.truncateSync(world.manifestPath(first.id), 100);
    rewrite(second, (text) => text.replace('"a"', '"b"'));
    expect(await reasons()).toEqual([
      expect.stringContaining('cannot be read'),
      'The manifest is not the one that was published.',
    ]);
  });
});
