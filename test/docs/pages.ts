import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

export const ROOT = resolve(__dirname, '../..');

export interface Page {
  /** Relative to the checkout. */
  readonly file: string;
  readonly text: string;
}

/** Everything that is written for people: the pages at the top, and those in `docs/`. */
export const PAGES: readonly Page[] = [
  ...markdownIn('.', false),
  ...markdownIn('docs', true),
  ...markdownIn('examples', true),
].map((file) => ({ file, text: readFileSync(resolve(ROOT, file), 'utf8') }));

export interface Snippet extends Page {
  /** Of its first line, counted from 1. */
  readonly line: number;
}

const FENCE = /^( *)```([a-z]*)\n([\s\S]*?)^\1```$/gm;

/** Fenced blocks of a language, such as `sh`, without their indentation. */
export const fencesOf = (page: Page, language: string): readonly Snippet[] =>
  [...page.text.matchAll(FENCE)]
    .filter(([, , found]) => found === language)
    .map(({ index, 1: indent = '', 3: body = '' }) => ({
      file: page.file,
      text: body.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
      line: lineAt(page.text, index) + 1,
    }));

/** The page without its fenced blocks; every line keeps its number. */
export const proseOf = ({ file, text }: Page): Page => ({
  file,
  text: text.replaceAll(FENCE, (block) => block.replaceAll(/[^\n]/g, '')),
});

const INLINE_CODE = /(?<!`)`([^`\n]+)`(?!`)/g;

export const inlineCodeOf = (page: Page): readonly Snippet[] => {
  const { file, text } = proseOf(page);
  return [...text.matchAll(INLINE_CODE)].map(({ index, 1: code = '' }) => ({
    file,
    text: code,
    line: lineAt(text, index),
  }));
};

export const placeOf = ({ file, line }: Snippet): string => `${file}:${String(line)}`;

export const lineAt = (text: string, index: number): number => text.slice(0, index).split('\n').length;

/** What stands between `<!-- <name>:begin … -->` and `<!-- <name>:end -->`, and the page with something else there. */
export function generatedPart(page: string, name: string): { readonly part: string; with(part: string): string } {
  const found = new RegExp(`(<!-- ${name}:begin[^>]*-->\n)([\\s\\S]*)(<!-- ${name}:end -->)`).exec(page);
  const [whole, begin = '', part = '', end = ''] = found ?? [];
  if (whole === undefined) throw new Error(`the page has no lines that mark "${name}"`);
  return { part, with: (other) => page.replace(whole, () => `${begin}${other}${end}`) };
}

function markdownIn(folder: string, below: boolean): readonly string[] {
  return readdirSync(resolve(ROOT, folder), { recursive: below, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => (folder === '.' ? name : `${folder}/${name}`))
    .toSorted();
}
