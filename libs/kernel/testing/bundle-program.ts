import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../../..');

export interface Program {
  readonly file: string;
  /** What the program needs to find its packages. */
  readonly env: NodeJS.ProcessEnv;
}

/** Makes one plain JavaScript file of a TypeScript program, for tests that need a process of its own to kill. */
export function bundleProgram(source: string): Program {
  const file = join(mkdtempSync(join(tmpdir(), 'program-')), `${basename(source, '.ts')}.cjs`);
  const options = ['--bundle', '--platform=node', '--conditions=types', '--packages=external', '--log-level=error'];
  execFileSync(join(ROOT, 'node_modules/.bin/esbuild'), [source, ...options, `--outfile=${file}`]);
  return { file, env: { NODE_PATH: join(ROOT, 'node_modules') } };
}
