import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

jest.setTimeout(120_000);

interface Measured {
  readonly id: string;
  readonly value: number | null;
}

/** Whether the benchmark works, not how fast we are: that is for a machine on which nothing else runs. */
it('measures a figure of the api, of snapshots and of the command line', () => {
  const options = { encoding: 'utf8' } as const;
  const compiled = spawnSync(resolve('node_modules/.bin/swc'), ['bench', '-d', 'dist', '--quiet'], options);
  expect(compiled).toMatchObject({ status: 0, stderr: '' });
  const figures = ['S4', 'S9', 'S18'];
  const args = [resolve('dist/bench/run.js'), '--quick', '--json', ...figures];
  const { status, stdout } = spawnSync(process.execPath, args, options);
  const measured = JSON.parse(stdout) as readonly Measured[];
  expect([status, measured.map(({ id }) => id)]).toEqual([0, figures]);
  for (const { value } of measured) expect(value).toBeGreaterThan(0);
});
