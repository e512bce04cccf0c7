import { compareServing, servingSeries, throughputRatio } from './support/file-serving.js';
import { type Figure } from './support/figure.js';

export const authorisedSmallFile: Figure = {
  id: 'S1',
  title: 'authorised 4 KiB file ÷ bare node:http',
  meaning:
    'Requests per second for 500 distinct files of 4 KiB, by one api process with every check, its log and its metrics on, ' +
    'beside a `node:http` server that sends 4 KiB from memory and does nothing else. 64 connections.',
  goal: { atLeast: 0.45, unit: 'ratio' },
  async run(bench) {
    const serving = await compareServing(bench, 'small');
    return { values: throughputRatio(serving), series: servingSeries(serving), notes: [] };
  },
};
