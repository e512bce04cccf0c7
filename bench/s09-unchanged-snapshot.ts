import { join } from 'node:path';

import { hardLinkCopy } from './peers/copy.js';
import { type Figure } from './support/figure.js';
import { LARGE, largeRepository } from './support/large-repository.js';
import { ratios } from './support/statistics.js';
import { writeTree } from './support/trees.js';

export const unchangedSnapshot: Figure = {
  id: 'S9',
  title: 'snapshot of 100,000 unchanged files ÷ cp -al',
  meaning:
    'What a daily sync that brought nothing new costs: the whole source is walked and compared with the manifest before, and a ' +
    'snapshot is published. Its peer makes a tree of hard links, the cheapest snapshot of the usual tools.',
  goal: { atMost: 0.6, unit: 'ratio' },
  async run(bench) {
    const { workshop, name, paths, first } = await largeRepository(bench);
    const folder = bench.newFolder('hard-links');
    writeTree(join(folder, 'tree'), { ...LARGE, files: paths.length }); // its own: links change the ctime of ours
    const ours: number[] = [];
    const peer: number[] = [];
    for (let round = -1; round < bench.extent.rounds; round += 1) {
      const copied = hardLinkCopy(join(folder, 'tree'), join(folder, 'copy'));
      const { seconds, changed } = await workshop.snapshot(name);
      if (round < 0) continue; // the files had just been written: those too fresh to be trusted were read again
      if (changed > 0) throw new Error(`${String(changed)} files changed that nobody touched`);
      peer.push(copied);
      ours.push(seconds);
    }
    return {
      values: ratios(ours, peer),
      series: [
        { of: 'snapshot', unit: 's', values: ours },
        { of: 'cp -al', unit: 's', values: peer },
      ],
      notes: [`the first snapshot of these ${String(first.files)} files took ${first.seconds.toFixed(1)} s`],
    };
  },
};
