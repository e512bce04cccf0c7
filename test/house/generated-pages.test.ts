import { readFileSync, writeFileSync } from 'node:fs';

import { configurationPage, environmentExample } from '#libs/config/documentation.js';

const pages: readonly (readonly [string, () => string])[] = [
  ['docs/configuration.md', configurationPage],
  ['.env.example', environmentExample],
];

describe('pages that are generated', () => {
  it.each(pages)('%s says what the code does (npm run docs:generate writes it anew)', (file, page) => {
    if (process.env['DOCS'] === 'write') writeFileSync(file, page());
    expect(readFileSync(file, 'utf8')).toBe(page());
  });
});
