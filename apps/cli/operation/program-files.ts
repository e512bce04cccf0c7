import { join } from 'node:path';

import { packageFolder } from '../package-folder.js';

/** In the order in which they start: when the api's port is taken, nobody is to begin with work. */
export const PROGRAMS = ['api', 'scheduler', 'worker'] as const;

/** A program that makes up a running Parceler, a process of its own. */
export type Program = (typeof PROGRAMS)[number];

/** The built file of a program. */
export const programFile = (program: Program): string => join(packageFolder(), 'dist/apps', program, 'main.js');
