import { compareDigits, compareTexts } from './digits.js';

/**
 * The rule of apk-tools 3 (`src/version.c`) for `digits{.digits}[letter]{_suffix[digits]}[~hash][-rdigits]`. There is no
 * answer where a version is none by that rule before it is decided.
 */
export function compareApkVersions(a: string, b: string): number | undefined {
  const left = tokensOf(a);
  const right = tokensOf(b);
  for (let index = 0; ; index += 1) {
    const order = compareTokens(left[index] ?? END, right[index] ?? END);
    if (order !== 0) return order;
    if (index >= left.length) return 0;
  }
}

/** In this order: of two that differ the earlier one belongs to the greater version, but for suffixes of what comes before. */
const KINDS = ['initial', 'number', 'letter', 'suffix', 'suffix-number', 'hash', 'revision', 'end'] as const;

interface Token {
  readonly kind: (typeof KINDS)[number] | 'invalid';
  readonly text: string;
}

const END: Token = { kind: 'end', text: '' };
const BEFORE_RELEASE = ['alpha', 'beta', 'pre', 'rc'];
const SUFFIXES = [...BEFORE_RELEASE, 'cvs', 'svn', 'git', 'hg', 'p'];

const GRAMMAR =
  /^(?<initial>\d+)(?<numbers>(?:\.\d+)*)(?<letter>[a-z]?)(?<suffixes>(?:_[a-z]+\d*)*)(?<hash>(?:~[0-9a-f]+)?)(?<revision>(?:-r\d+)?)(?<rest>.*)$/su;

function tokensOf(version: string): readonly Token[] {
  const parts = GRAMMAR.exec(version)?.groups;
  if (parts === undefined) return [{ kind: 'invalid', text: version }];
  const part = (name: string): string => parts[name] ?? '';
  const one = (kind: Token['kind'], text: string): readonly Token[] => (text === '' ? [] : [{ kind, text }]);
  return [
    ...one('initial', part('initial')),
    ...texts(part('numbers'), /\d+/g).map((text): Token => ({ kind: 'number', text })),
    ...one('letter', part('letter')),
    ...texts(part('suffixes'), /[a-z]+|\d+/g).map(suffixToken),
    ...one('hash', part('hash')),
    ...one('revision', part('revision').slice('-r'.length)),
    ...one('invalid', part('rest')),
  ];
}

const texts = (text: string, pattern: RegExp): readonly string[] => text.match(pattern) ?? [];

function suffixToken(text: string): Token {
  if (/^\d/.test(text)) return { kind: 'suffix-number', text };
  return { kind: SUFFIXES.includes(text) ? 'suffix' : 'invalid', text };
}

function compareTokens(a: Token, b: Token): number | undefined {
  if (a.kind === 'invalid' || b.kind === 'invalid') return undefined;
  if (a.kind === b.kind) return compareSame(a, b);
  if (isBeforeRelease(a)) return -1;
  if (isBeforeRelease(b)) return 1;
  return KINDS.indexOf(b.kind) - KINDS.indexOf(a.kind);
}

const isBeforeRelease = ({ kind, text }: Token): boolean => kind === 'suffix' && BEFORE_RELEASE.includes(text);

function compareSame({ kind, text: a }: Token, { text: b }: Token): number {
  if (kind === 'suffix') return SUFFIXES.indexOf(a) - SUFFIXES.indexOf(b);
  if (kind === 'letter' || kind === 'hash') return compareTexts(a, b);
  // As in Gentoo's rule: where one of them begins with 0 they are compared as decimal fractions are.
  if (kind === 'number' && (a.startsWith('0') || b.startsWith('0'))) return compareTexts(a, b);
  return compareDigits(a, b);
}
