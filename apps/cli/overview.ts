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
    '       parceler <command> --help',
    ...lines,
    '',
  ].join('\n');
}

/** The known names that are closest to a mistyped one. */
export function similarTo(name: string): readonly string[] {
  const [noun] = name.split(':');
  const known = Object.keys(SUMMARIES);
  const near = known.filter((candidate) => distance(candidate, name) <= 3);
  return near.length > 0 ? near : known.filter((candidate) => candidate.split(':')[0] === noun);
}

/** Levenshtein's edit distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 0; i < a.length; i += 1) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j += 1) {
      const substituted = (row[j] ?? 0) + (a[i] === b[j] ? 0 : 1);
      next.push(Math.min(substituted, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
