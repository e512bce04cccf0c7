import { compareDigits, compareTexts } from './digits.js';

/** rpm's rule (rpm-version(7)) for `[epoch:]version[-release]`. Every text has a place in it. */
export function compareRpmVersions(a: string, b: string): number {
  const left = parse(a);
  const right = parse(b);
  return (
    compareDigits(left.epoch, right.epoch) ||
    compareSegments(left.version, right.version) ||
    compareSegments(left.release, right.release)
  );
}

function parse(text: string): { readonly epoch: string; readonly version: string; readonly release: string } {
  const epoch = /^\d*(?=:)/.exec(text)?.[0];
  const rest = epoch === undefined ? text : text.slice(epoch.length + 1);
  const dash = rest.lastIndexOf('-');
  if (dash < 0) return { epoch: epoch ?? '', version: rest, release: '' };
  return { epoch: epoch ?? '', version: rest.slice(0, dash), release: rest.slice(dash + 1) };
}

/** A run of digits, a run of letters, or a mark; what stands between them only separates. */
const SEGMENT = /\d+|[A-Za-z]+|[~^]/g;

function compareSegments(a: string, b: string): number {
  const left = a.match(SEGMENT) ?? [];
  const right = b.match(SEGMENT) ?? [];
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const order = compareSegment(left[index], right[index]);
    if (order !== 0) return order;
  }
  return 0;
}

/** In rising order: a tilde, the end, a caret, letters, digits. */
function compareSegment(a: string | undefined, b: string | undefined): number {
  const order = rank(a) - rank(b);
  if (order !== 0 || a === undefined || b === undefined) return order;
  return /^\d/.test(a) ? compareDigits(a, b) : compareTexts(a, b);
}

function rank(segment: string | undefined): number {
  if (segment === undefined) return 1;
  if (segment === '~') return 0;
  if (segment === '^') return 2;
  return /^\d/.test(segment) ? 4 : 3;
}
