import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { ROOT } from './pages.js';

const ID = /\b(?:[IT]-\d{2,3}|G\d{1,2})\b/g;

/** Every id that sources and tests cite. */
function citedIds(): ReadonlySet<string> {
  const files = ['apps', 'bench', 'libs', 'test'].flatMap((folder) =>
    readdirSync(resolve(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(?:ts|mjs)$/.test(name) && !name.startsWith('docs/'))
      .map((name) => resolve(ROOT, folder, name)),
  );
  return new Set(files.flatMap((file) => readFileSync(file, 'utf8').match(ID) ?? []));
}

/** The first cells of the tables. */
const listedIds = (): readonly string[] =>
  readFileSync(resolve(ROOT, 'docs/promises.md'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .flatMap((line) => line.split('|')[1]?.match(ID) ?? []);

describe('docs/promises.md', () => {
  const listed = listedIds();
  const cited = citedIds();

  it('explains every id that is cited', () => {
    expect(cited.size).toBeGreaterThan(50);
    expect([...cited].filter((id) => !listed.includes(id))).toEqual([]);
  });

  it('promises nothing that no source and no test speaks of', () => {
    expect(listed.filter((id) => !cited.has(id))).toEqual([]);
  });

  it('explains each once', () => {
    expect(listed).toHaveLength(new Set(listed).size);
  });
});
