import { compareServing, servingSeries, throughputRatio } from './support/file-serving.js';
import { type Figure } from './support/figure.js';

export const challenge: Figure = {
  id: 'S4',
  title: '401 without credentials ÷ bare node:http hello',
  meaning:
    'OpenWrt clients send each request without credentials first, so half of all traffic is answered with a challenge. ' +
    'Its peer is a `node:http` server that says hello.',
  goal: { atLeast: 0.7, unit: 'ratio' },
  async run(bench) {
    const serving = await compareServing(bench, 'challenge');
    return { values: throughputRatio(serving), series: servingSeries(serving), notes: [] };
  },
};
