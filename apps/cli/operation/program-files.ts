import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** In the order in which they start: when the api's port is taken, nobody is to begin with work. */
export const PROGRAMS = ['api', 'scheduler', 'worker'] as const;

/** A program that makes up a running Parceler, a process of its own. */
export type Program = (typeof PROGRAMS)[number];

/** The built file of a program, found from wherever this file was built or bundled to. */
export const programFile = (program: Program): string =>
  join(packageFolder(__dirname), 'dist/apps', program, 'main.js');

function packageFolder(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : packageFolder(dirname(folder));
}
