import { compareDigits, compareTexts } from './digits.js';

/** Python's rule (PEP 440). There is no answer where a text is no version by that. */
export function comparePep440Versions(a: string, b: string): number | undefined {
  const left = parse(a);
  const right = parse(b);
  if (left === undefined || right === undefined) return undefined;
  return (
    compareDigits(left.epoch, right.epoch) ||
    compareLists(left.release, right.release, (one = '', other = '') => compareDigits(one, other)) ||
    compareStages(left, right) ||
    compareLists(left.local, right.local, compareLocal)
  );
}

interface Pep440Version {
  readonly epoch: string;
  /** Without zeros at its end. */
  readonly release: readonly string[];
  /** Each a rank and a number: before the release, after it, in development. */
  readonly stages: readonly Stage[];
  readonly local: readonly string[];
}

type Stage = readonly [rank: number, digits: string];

const GRAMMAR =
  /^v?(?:(?<epoch>\d+)!)?(?<release>\d+(?:\.\d+)*)(?:[-_.]?(?<pre>alpha|a|beta|b|preview|pre|c|rc)[-_.]?(?<preNumber>\d*))?(?:-(?<implicitPost>\d+)|(?<post>[-_.]?(?:post|rev|r)[-_.]?(?<postNumber>\d*)))?(?<dev>[-_.]?dev[-_.]?(?<devNumber>\d*))?(?:\+(?<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))?$/;

function parse(text: string): Pep440Version | undefined {
  const parts = GRAMMAR.exec(text.trim().toLowerCase())?.groups;
  if (parts === undefined) return undefined;
  return {
    epoch: parts['epoch'] ?? '',
    release: (parts['release'] ?? '').replace(/(?:\.0+)+$/, '').split('.'),
    stages: stagesOf(parts),
    local: parts['local']?.split(/[-_.]/) ?? [],
  };
}

const BEFORE = ['a', 'b', 'c'];
const FINAL: Stage = [BEFORE.length, ''];
const FIRST: Stage = [-1, ''];
const NO_POST: Stage = [0, ''];
const NO_DEV: Stage = [1, ''];

function stagesOf(parts: Readonly<Record<string, string | undefined>>): readonly Stage[] {
  const { pre, preNumber = '', implicitPost, post, postNumber = '', dev, devNumber = '' } = parts;
  const hasPost = implicitPost !== undefined || post !== undefined;
  return [
    preStage(pre, preNumber, dev !== undefined && !hasPost),
    hasPost ? [1, implicitPost ?? postNumber] : NO_POST,
    dev === undefined ? NO_DEV : [0, devNumber],
  ];
}

/** A bare development release comes before all alphas. */
function preStage(pre: string | undefined, digits: string, isBareDev: boolean): Stage {
  if (pre === undefined) return isBareDev ? FIRST : FINAL;
  const letter = /^(?:pre|preview|rc|c)$/.test(pre) ? 'c' : pre.charAt(0);
  return [BEFORE.indexOf(letter), digits];
}

const compareStages = (a: Pep440Version, b: Pep440Version): number =>
  compareLists(a.stages, b.stages, (left, right) => {
    if (left === undefined || right === undefined) return 0;
    return left[0] - right[0] || compareDigits(left[1], right[1]);
  });

/** Numbers sort after words, and a longer list after its own beginning. */
function compareLocal(a = '', b = ''): number {
  const rank = (text: string): number => (text === '' ? 0 : Number(/^\d+$/.test(text)) + 1);
  if (rank(a) !== rank(b)) return rank(a) - rank(b);
  return rank(a) === 2 ? compareDigits(a, b) : compareTexts(a, b);
}

function compareLists<T>(
  a: readonly T[],
  b: readonly T[],
  compare: (a: T | undefined, b: T | undefined) => number,
): number {
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const order = compare(a[index], b[index]);
    if (order !== 0) return order;
  }
  return 0;
}
