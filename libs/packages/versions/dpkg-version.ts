import { compareDigits } from './digits.js';

/** Debian's rule (deb-version(7)), which opkg follows: `[epoch:]upstream[-revision]`. Every text has a place in it. */
export function compareDpkgVersions(a: string, b: string): number {
  const left = parse(a);
  const right = parse(b);
  return (
    compareDigits(left.epoch, right.epoch) ||
    compareParts(left.upstream, right.upstream) ||
    compareParts(left.revision, right.revision)
  );
}

interface DpkgVersion {
  readonly epoch: string;
  readonly upstream: string;
  readonly revision: string;
}

function parse(text: string): DpkgVersion {
  const epoch = /^\d+(?=:)/.exec(text)?.[0];
  const rest = epoch === undefined ? text : text.slice(epoch.length + 1);
  const dash = rest.lastIndexOf('-');
  if (dash < 0) return { epoch: epoch ?? '', upstream: rest, revision: '' };
  return { epoch: epoch ?? '', upstream: rest.slice(0, dash), revision: rest.slice(dash + 1) };
}

const PIECE = /(\D*)(\d*)/y;

/** Goes through both in turns of what is no digit, compared by weight, and digits, compared as numbers. */
function compareParts(a: string, b: string): number {
  let atA = 0;
  let atB = 0;
  while (atA < a.length || atB < b.length) {
    const [wholeA, textA, digitsA] = pieceAt(a, atA);
    const [wholeB, textB, digitsB] = pieceAt(b, atB);
    const order = compareByWeight(textA, textB) || compareDigits(digitsA, digitsB);
    if (order !== 0) return order;
    atA += wholeA.length;
    atB += wholeB.length;
  }
  return 0;
}

function pieceAt(text: string, at: number): readonly [whole: string, text: string, digits: string] {
  PIECE.lastIndex = at;
  const [whole = '', letters = '', digits = ''] = PIECE.exec(text) ?? [];
  return [whole, letters, digits];
}

function compareByWeight(a: string, b: string): number {
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const order = weight(a, index) - weight(b, index);
    if (order !== 0) return order;
  }
  return 0;
}

/** A tilde sorts before the end, the end before letters, letters before everything else. */
function weight(text: string, index: number): number {
  const character = text[index];
  if (character === undefined) return 0;
  if (character === '~') return -1;
  const code = text.charCodeAt(index);
  return /[A-Za-z]/.test(character) ? code : code + 0x100;
}
