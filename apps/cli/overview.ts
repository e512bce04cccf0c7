import { editDistance } from '#libs/kernel/edit-distance.js';

import { SUMMARIES } from './summaries.js';

/** What `parceler` and `parceler --help` print. */
export function overview(): string {
  const width = Math.max(...Object.keys(SUMMARIES).map(({ length }) => length));
  let group = '';
  const lines = Object.entries(SUMMARIES).flatMap(([name, summary]) => {
    const [noun = ''] = name.includes(':') ? name.split(':') : [''];
    const gap = noun === group ? [] : [''];
    group = noun;
    return [...gap, `  ${name.padEnd(width)}  ${summary}`];
  });
  return [
    'parceler: release gateway for package repositories',
    '',
    'Usage: parceler <command> [options]',
    '       parceler help <command>',
    '       parceler --version',
    ...lines,
    '',
  ].join('\n');
}

/** The known names that are closest to a mistyped one. */
export function similarTo(name: string): readonly string[] {
  return Object.keys(SUMMARIES).filter((candidate) => editDistance(candidate, name) <= 3);
}
