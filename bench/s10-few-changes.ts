import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { type Figure } from './support/figure.js';
import { largeRepository } from './support/large-repository.js';
import { ratios } from './support/statistics.js';

const CHANGED = 50;
/** The worker does not trust a file that changed less than 50 ms before it was read; syncs do not end in the same instant either. */
const SETTLE_MS = 100;

export const fewChanges: Figure = {
  id: 'S10',
  title: 'snapshot of 50 changes among 100,000 files ÷ of none',
  meaning: 'What 50 new versions cost on top of S9: the time has to follow what changed, not what there is.',
  goal: { atMost: 1.3, unit: 'ratio' },
  async run(bench) {
    const { workshop, name, paths, installation } = await largeRepository(bench);
    const source = installation.source(name);
    const few: number[] = [];
    const none: number[] = [];
    for (let round = 0; round < bench.extent.rounds; round += 1) {
      const step = Math.floor(paths.length / CHANGED);
      for (const path of paths.filter((_, n) => n % step === 0).slice(0, CHANGED)) {
        appendFileSync(join(source, path), 'changed');
      }
      await pause(SETTLE_MS);
      const changing = await workshop.snapshot(name);
      if (changing.changed !== CHANGED) throw new Error(`${String(changing.changed)} changes were found, not 50`);
      few.push(changing.seconds);
      none.push((await workshop.snapshot(name)).seconds);
    }
    return {
      values: ratios(few, none),
      series: [
        { of: '50 changed', unit: 's', values: few },
        { of: 'none changed', unit: 's', values: none },
      ],
      notes: [],
    };
  },
};
