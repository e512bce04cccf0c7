import { setTimeout as pause } from 'node:timers/promises';

import { type Figure } from './support/figure.js';
import { largeRepository } from './support/large-repository.js';
import { residentBytes } from './support/machine.js';

const MB = 1e6;
/** For the garbage of what was just done to be collected. */
const SETTLE_MS = 2_000;

export const memoryOfPaths: Figure = {
  id: 'S14',
  title: 'memory of the api after 100,000 distinct paths − at start',
  meaning:
    'Resident memory that one api process gains while it answers authorised requests for 100,000 distinct files, each once. ' +
    'A second pass over the same files shows whether it stays flat.',
  goal: { atMost: 120, unit: 'MB' },
  async run(bench) {
    const { installation, name, paths } = await largeRepository(bench);
    const login = installation.addSystem();
    const api = await installation.startApi();
    const memory = async (): Promise<number> => {
      await pause(SETTLE_MS);
      return residentBytes(api.pid) / MB;
    };
    const order = { port: api.port, paths: paths.map((path) => `/repository/community/${name}/${path}`), login };
    const start = await memory();
    const passes: number[] = [];
    for (let pass = 0; pass < 2; pass += 1) {
      await bench.load.once({ ...order, expect: 'good' });
      passes.push(await memory());
    }
    await bench.processes.stop(api);
    const [first = NaN, second = NaN] = passes;
    return {
      values: [first - start],
      series: [
        { of: 'at start', unit: 'MB', values: [start] },
        { of: `after ${String(paths.length)} paths`, unit: 'MB', values: [first] },
        { of: 'after the same once more', unit: 'MB', values: [second] },
      ],
      notes: ['one pass; the goal is set for 1,000,000 paths over 200 repositories'],
    };
  },
};
