import { compareDigits } from './digits.js';

/** Composer's rule for numbered versions. Branches, such as `dev-main` and `1.x-dev`, have no place in it. */
export function compareComposerVersions(a: string, b: string): number | undefined {
  const left = parse(a);
  const right = parse(b);
  if (left === undefined || right === undefined) return undefined;
  for (let index = 0; index < left.length; index += 1) {
    const order = compareDigits(left[index] ?? '', right[index] ?? '');
    if (order !== 0) return order;
  }
  return 0;
}

const GRAMMAR =
  /^v?(?<numbers>\d+(?:\.\d+){0,3})(?:[._-]?(?<stability>stable|alpha|a|beta|b|rc|patch|pl|p)(?:[.-]?(?<number>\d+))?)?(?<dev>[.-]?dev)?(?:\+[^\s,]+)?$/;

const RANKS: Readonly<Record<string, string>> = { dev: '0', a: '1', b: '2', r: '3', s: '4', p: '5' };

/** Four numbers, the stability's rank and number, and whether it is that or still being made. */
function parse(text: string): readonly string[] | undefined {
  const parts = GRAMMAR.exec(text.trim().toLowerCase())?.groups;
  if (parts === undefined) return undefined;
  const part = (name: string): string => parts[name] ?? '';
  const isDev = part('dev') !== '';
  const stability = part('stability') || (isDev ? 'dev' : 'stable');
  const numbers = part('numbers').split('.');
  return [
    ...[0, 1, 2, 3].map((index) => numbers[index] ?? ''),
    RANKS[stability] ?? RANKS[stability.charAt(0)] ?? '',
    part('number'),
    isDev ? '0' : '1',
  ];
}
