import { type Figure } from './support/figure.js';
import { secondsOf } from './support/processes.js';
import { Workshop } from './support/workshop.js';

const REPOSITORIES = 20;
const RUNS_A_ROUND = 2;

export const coldCommand: Figure = {
  id: 'S18',
  title: 'parceler repository:list, from the shell',
  meaning:
    'What an operator waits for: a new process, 20 repositories, an open database, a table on the terminal. Beside it the time that ' +
    'Node alone takes to start.',
  goal: { atMost: 0.5, unit: 's' },
  async run(bench) {
    const installation = await bench.newInstallation();
    const workshop = await Workshop.open(bench.processes, installation);
    await workshop.register(...Array.from({ length: REPOSITORIES }, (_, n) => `repository-${String(n + 1)}`));
    await workshop.close();
    const ours: number[] = [];
    const node: number[] = [];
    for (let round = -1; round < bench.extent.rounds * RUNS_A_ROUND; round += 1) {
      const bare = secondsOf(process.execPath, ['-e', '0']);
      const seconds = installation.secondsOf(['repository:list']);
      if (round < 0) continue; // the first one reads the program from the disk
      node.push(bare);
      ours.push(seconds);
    }
    return {
      values: ours,
      series: [{ of: 'node -e 0', unit: 's', values: node }],
      notes: [],
    };
  },
};
