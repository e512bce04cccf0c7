import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

import { SUMMARIES, type CommandName } from '../../apps/cli/summaries.js';
import { ROOT } from './pages.js';

export const COMMANDS = Object.keys(SUMMARIES) as readonly CommandName[];

const known = new Map<string, string>();

/** What the built program says of itself, or of one of its commands. */
export function helpOf(...command: readonly CommandName[]): string {
  const key = command.join();
  const help = known.get(key) ?? ask(command);
  known.set(key, help);
  return help;
}

function ask(command: readonly CommandName[]): string {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [resolve(ROOT, 'bin/parceler'), ...command, '--help'],
    {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'] },
    },
  );
  if (status === 0) return `${stdout.trim()}\n`;
  throw new Error(`parceler ${command.join(' ')} --help ended with ${String(status)} (npm run build?): ${stderr}`);
}
