import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

import { inlineCodeOf, lineAt, PAGES, placeOf, proseOf, ROOT, type Page } from './pages.js';

const LINK = /\]\(([^)\s]+)\)/g;
const ELSEWHERE = /^(?:https?|mailto):/;

interface Link {
  readonly place: string;
  /** Relative to the checkout. */
  readonly file: string;
  readonly anchor: string | undefined;
}

function linksOf(page: Page): readonly Link[] {
  const { text } = proseOf(page);
  return [...text.matchAll(LINK)]
    .filter(([, target = '']) => !ELSEWHERE.test(target))
    .map(({ index, 1: target = '' }) => {
      const [path = '', anchor] = target.split('#');
      const file = path === '' ? page.file : join(dirname(page.file), path);
      return { place: `${page.file}:${String(lineAt(text, index))} ${target}`, file, anchor };
    });
}

/** The names that forges give to headings. */
function anchorsOf(page: Page): ReadonlySet<string> {
  const names = [...proseOf(page).text.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) =>
    heading
      .replaceAll(/\[([^\]]+)\]\([^)]+\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-'),
  );
  return new Set(names);
}

const byFile = new Map(PAGES.map((page) => [page.file, page]));
const links = PAGES.flatMap(linksOf);

const isBroken = ({ file, anchor }: Link): boolean => {
  const page = byFile.get(file);
  if (anchor !== undefined && page !== undefined) return !anchorsOf(page).has(anchor);
  return !existsSync(resolve(ROOT, file));
};

/** Paths of this checkout, written out in full. */
const OUR_PATH = /^(?:apps|bench|bin|build|docs|examples|libs|test)\/[\w./-]+$/;

describe('what pages point at', () => {
  it('is there to be looked at', () => {
    expect(PAGES.map(({ file }) => file)).toEqual(expect.arrayContaining(['README.md', 'docs/architecture.md']));
    expect(links.length).toBeGreaterThan(20);
  });

  it('are pages and headings that exist', () => {
    expect(links.filter(isBroken).map(({ place }) => place)).toEqual([]);
  });

  it('are files that exist', () => {
    const named = PAGES.filter(({ file }) => file !== 'docs/plan.md')
      .flatMap(inlineCodeOf)
      .filter(({ text }) => OUR_PATH.test(text));
    expect(named.length).toBeGreaterThan(20);
    expect(
      named.filter(({ text }) => !existsSync(resolve(ROOT, text))).map((code) => `${placeOf(code)} ${code.text}`),
    ).toEqual([]);
  });
});
