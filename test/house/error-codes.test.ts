import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../..');

interface Code {
  readonly code: string;
  readonly kind: string | undefined;
}

/** What stands in the sources, tests left out. */
const sources: readonly string[] = ['libs', 'apps']
  .flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
  )
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.includes('/testing/'))
  .map((file) => readFileSync(join(ROOT, file), 'utf8'));

const found = (pattern: RegExp): readonly RegExpExecArray[] => sources.flatMap((text) => [...text.matchAll(pattern)]);

/**
 * `new AppError('kind', 'CODE'`, also of a class that extends it, answers of the api that are made once, and codes in
 * tables as `code: 'SOME_CODE'`.
 */
function raisedCodes(): readonly Code[] {
  const raised = found(/(?:AppError|super|\banswer)\(\s*'([a-z-]+)',\s*'([A-Z_]+)'/g).map(([, kind, code = '']) => ({
    code,
    kind,
  }));
  const listed = found(/\bcode: '([A-Z]+_[A-Z_]+)'/g).map(([, code = '']) => ({ code, kind: undefined }));
  return [...raised, ...listed];
}

/** Whether the sources hold the code as it is, or as a template and its other half. */
function isInSources(code: string): boolean {
  const holds = (text: string): boolean => sources.some((source) => source.includes(text));
  const halves = [...code.matchAll(/_/g)].map(
    ({ index }) => [code.slice(0, index + 1), code.slice(index + 1)] as const,
  );
  return holds(`'${code}'`) || halves.some(([first, second]) => holds(`\`${first}\${`) && holds(`'${second}'`));
}

/** The rows of the page. */
const documentedCodes = (): readonly Code[] =>
  [...readFileSync(join(ROOT, 'docs/errors.md'), 'utf8').matchAll(/^\|\s*`([A-Z_]+)`\s*\|\s*([a-z-]+)\s*\|/gm)].map(
    ([, code = '', kind]) => ({ code, kind }),
  );

describe('docs/errors.md', () => {
  it('is held against errors, answers of the api and tables alike', () => {
    const raised = raisedCodes().map(({ code }) => code);
    expect(raised).toEqual(expect.arrayContaining(['REPOSITORY_NOT_FOUND', 'ENTITLEMENT_REFUSED', 'NOT_READY']));
  });

  const documented = new Map(documentedCodes().map(({ code, kind }) => [code, kind]));

  it('has a row for every code that is raised, of the same kind', () => {
    const wrong = raisedCodes().filter(
      ({ code, kind }) => !documented.has(code) || (kind ?? documented.get(code)) !== documented.get(code),
    );
    expect(wrong).toEqual([]);
  });

  it('has one row for a code, and none for a code that nobody raises', () => {
    const codes = documentedCodes().map(({ code }) => code);
    expect(codes.filter((code, index) => codes.indexOf(code) !== index)).toEqual([]);
    expect(codes.filter((code) => !isInSources(code))).toEqual([]);
  });
});
