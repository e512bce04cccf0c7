import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { ROOT } from './dockerfile.js';

/** A unit's settings: what a key is set to, by `Section.Key`. */
export function unit(name: string): ReadonlyMap<string, string> {
  const settings = new Map<string, string>();
  let section = '';
  for (const line of readFileSync(join(ROOT, 'deploy/systemd', name), 'utf8').split('\n')) {
    const [, header] = /^\[(\w+)\]$/.exec(line) ?? [];
    const [, key, value = ''] = /^(\w+)=(.*)$/.exec(line) ?? [];
    if (header !== undefined) section = header;
    else if (key !== undefined) settings.set(`${section}.${key}`, value);
  }
  return settings;
}
