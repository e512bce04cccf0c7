import { mkdirSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { type CopyTimes, copyAndHash } from './peers/copy.js';
import { type Bench } from './support/bench.js';
import { type Figure } from './support/figure.js';
import { must, removeTree } from './support/processes.js';
import { median, ratios } from './support/statistics.js';
import { writeTree } from './support/trees.js';
import { Workshop } from './support/workshop.js';

const SHAPE = { files: 20_000, bytesEach: 50_000, filesPerFolder: 500 };
const NAME = 'first';

export const firstSnapshot: Figure = {
  id: 'S11',
  title: 'first snapshot, 20,000 files of 1 GB ÷ cp -a and sha256sum',
  meaning:
    'The first sync of a repository: every file is read once, hashed and copied, then flushed, listed in a manifest and in the ' +
    'catalog. Its peers copy with `cp -a` and hash with `sha256sum`, one after the other, and flush nothing.',
  goal: { atMost: 0.5, unit: 'ratio' },
  async run(bench) {
    const folder = bench.newFolder('first');
    const source = join(folder, 'source');
    bench.say('making a source of 1 GB');
    writeTree(source, { ...SHAPE, files: SHAPE.files / bench.extent.shrink });
    must('sync', ['-f', source]);
    const ours: number[] = [];
    const peers: CopyTimes[] = [];
    for (let round = 0; round < bench.extent.longRounds; round += 1) {
      peers.push(copyAndHash(source, join(folder, 'copy')));
      ours.push(await snapshotInEmptyInstallation(bench, source));
    }
    const peer = peers.map(({ copy, hash }) => copy + hash);
    return {
      values: ratios(ours, peer),
      series: [
        { of: 'first snapshot, flushed', unit: 's', values: ours },
        { of: 'cp -a and sha256sum', unit: 's', values: peer },
        { of: 'of which cp -a', unit: 's', values: peers.map(({ copy }) => copy) },
        { of: 'of which sha256sum', unit: 's', values: peers.map(({ hash }) => hash) },
      ],
      notes: [
        `to flush its copy took the peer another ${median(peers.map(({ flush }) => flush)).toFixed(1)} s, which is not counted`,
      ],
    };
  },
};

/** The source is lent to a Parceler that has nothing yet, so that no content is there already. */
async function snapshotInEmptyInstallation(bench: Bench, source: string): Promise<number> {
  const installation = await bench.newInstallation();
  const lent = installation.source(NAME);
  mkdirSync(dirname(lent), { recursive: true });
  renameSync(source, lent);
  const workshop = await Workshop.open(bench.processes, installation);
  try {
    await workshop.register(NAME);
    const { seconds, files, changed } = await workshop.snapshot(NAME);
    if (changed !== files) throw new Error('the first snapshot took something over');
    return seconds;
  } finally {
    await workshop.close();
    renameSync(lent, source);
    removeTree(installation.folder);
    must('sync', ['-f', source]);
  }
}
