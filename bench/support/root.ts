import { resolve } from 'node:path';

/** The folder of the package; this file runs as `dist/bench/support/root.js`. */
export const ROOT = resolve(__dirname, '../../..');

/** A program of the benchmark itself, such as `peers/bare-server`, as it was built. */
export const benchProgram = (name: string): string => resolve(__dirname, '..', `${name}.js`);
