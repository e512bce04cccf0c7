import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

export const PROGRAMS = ['api', 'scheduler', 'worker'] as const;

/** The programs that make up a running Parceler, each a process of its own. */
export type Program = (typeof PROGRAMS)[number];

/** The built file of a program, found from wherever this file was built or bundled to. */
export const programFile = (program: Program): string =>
  join(packageFolder(__dirname), 'dist/apps', program, 'main.js');

function packageFolder(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : packageFolder(dirname(folder));
}
