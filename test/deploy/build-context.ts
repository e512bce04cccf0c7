import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { ROOT } from './dockerfile.js';

const RULES = readFileSync(join(ROOT, '.dockerignore'), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => ({ takesIn: line.startsWith('!'), pattern: expression(line.replace(/^!/, '')) }));

/** Whether a file of the checkout is sent to the builder: the last rule that fits it or a folder above it decides. */
export function isInContext(file: string): boolean {
  const parts = file.split('/');
  const ways = parts.map((_, index) => parts.slice(0, index + 1).join('/'));
  return RULES.findLast(({ pattern }) => ways.some((way) => pattern.test(way)))?.takesIn ?? true;
}

/** Every file that git knows, or would add. */
export const CHECKOUT: readonly string[] = execFileSync(
  'git',
  ['ls-files', '-z', '--cached', '--others', '--exclude-standard'],
  { cwd: ROOT, encoding: 'utf8' },
)
  .split('\0')
  .filter(Boolean);

function expression(pattern: string): RegExp {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll('**/', '\0')
    .replaceAll('*', '[^/]*')
    .replaceAll('\0', '(?:.*/)?');
  return new RegExp(`^${source}$`);
}
