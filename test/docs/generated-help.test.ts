import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { generatedPart, ROOT } from './pages.js';
import { COMMANDS, helpOf } from './program-help.js';

const FILE = resolve(ROOT, 'docs/cli.md');

const block = (text: string): string => `\`\`\`text\n${text}\`\`\`\n`;

const allHelp = (): string =>
  [`\n${block(helpOf())}`, ...COMMANDS.map((name) => `\n### ${name}\n\n${block(helpOf(name))}`), '\n'].join('');

describe('docs/cli.md', () => {
  it('holds the help of every command as the program prints it (npm run docs:generate writes it anew)', () => {
    const page = readFileSync(FILE, 'utf8');
    const { part, with: withPart } = generatedPart(page, 'help');
    const help = allHelp();
    if (process.env['DOCS'] === 'write') writeFileSync(FILE, withPart(help));
    else expect(part).toBe(help);
  }, 120_000);
});
