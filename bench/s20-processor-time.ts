import { compareServing, processorRatio } from './support/file-serving.js';
import { type Figure } from './support/figure.js';

export const processorTime: Figure = {
  id: 'S20',
  title: 'processor time, authorised 4 KiB file ÷ bare node:http',
  meaning:
    'User and system time of the server process for each request of S1, which repeats far better than requests per second. ' +
    'It is measured in the same run as S1.',
  goal: { atMost: 2.2, unit: 'ratio' },
  async run(bench) {
    return { values: processorRatio(await compareServing(bench, 'small')), series: [], notes: ['in the run of S1'] };
  },
};
