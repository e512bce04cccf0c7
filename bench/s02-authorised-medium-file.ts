import { compareServing, servingSeries, throughputRatio } from './support/file-serving.js';
import { type Figure } from './support/figure.js';

export const authorisedMediumFile: Figure = {
  id: 'S2',
  title: 'authorised 100 KiB file ÷ bare node:http',
  meaning: 'As S1, with files of 100 KiB: a usual package.',
  goal: { atLeast: 0.55, unit: 'ratio' },
  async run(bench) {
    const serving = await compareServing(bench, 'medium');
    return { values: throughputRatio(serving), series: servingSeries(serving), notes: [] };
  },
};
