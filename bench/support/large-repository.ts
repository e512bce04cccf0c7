import { type Bench } from './bench.js';
import { type Installation } from './installation.js';
import { writeTree } from './trees.js';
import { Workshop, type Outcome } from './workshop.js';

/** A repository of 100,000 small files with a first snapshot, and the worker that took it. */
export interface LargeRepository {
  readonly name: string;
  readonly installation: Installation;
  readonly workshop: Workshop;
  readonly paths: readonly string[];
  readonly first: Outcome;
}

export const LARGE = { files: 100_000, bytesEach: 600, filesPerFolder: 500 } as const;

export const largeRepository = (bench: Bench): Promise<LargeRepository> =>
  bench.shared('large repository', async () => {
    const shape = { ...LARGE, files: LARGE.files / bench.extent.shrink };
    const name = 'large';
    const installation = await bench.newInstallation();
    bench.say(`making a source of ${String(shape.files)} files and its first snapshot`);
    const paths = writeTree(installation.source(name), shape);
    const workshop = await Workshop.open(bench.processes, installation);
    await workshop.register(name);
    const first = await workshop.snapshot(name);
    return { name, installation, workshop, paths, first };
  });
