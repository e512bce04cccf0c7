import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../..');
const PLANTED = join(ROOT, 'test/planted-violations');
const MARK = /breaks: (.+)$/;

/** Output of one of our tools, run over the planted repository. Both tools end with a status of their own when they find something. */
function run(tool: string, ...args: readonly string[]): unknown {
  const { stdout, stderr } = spawnSync(join(ROOT, 'node_modules/.bin', tool), args, {
    cwd: PLANTED,
    encoding: 'utf8',
    maxBuffer: 32 * 1024 * 1024,
  });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout);
}

interface DependencyRules {
  readonly forbidden: readonly { readonly name: string }[];
}

const dependencyRules = (): readonly string[] =>
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- it is CommonJS for the tool's sake
  (require(join(ROOT, '.dependency-cruiser.cjs')) as DependencyRules).forbidden.map(({ name }) => name);

/** `file:line rule` of every mark. */
function marks(): readonly { readonly file: string; readonly line: number; readonly rule: string }[] {
  const files = readdirSync(PLANTED, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  return files.flatMap((file) =>
    readFileSync(join(PLANTED, file), 'utf8')
      .split('\n')
      .flatMap((text, index) =>
        (MARK.exec(text)?.[1] ?? '')
          .split(' ')
          .filter((rule) => rule !== '')
          .map((rule) => ({ file, line: index + 1, rule })),
      ),
  );
}

const sorted = (items: Iterable<string>): readonly string[] => [...new Set(items)].toSorted();

describe('planted violations', () => {
  const known = new Set(dependencyRules());
  const planted = marks();

  it('hold one for every rule about who imports whom', () => {
    expect(sorted(planted.map(({ rule }) => rule).filter((rule) => known.has(rule)))).toEqual(sorted(known));
  });

  it('are found by dependency-cruiser, and nothing else is', () => {
    const config = join(ROOT, '.dependency-cruiser.cjs');
    const { summary } = run('depcruise', '--config', config, '-T', 'json', 'libs', 'apps') as {
      summary: { violations: readonly { from: string; rule: { name: string } }[] };
    };
    expect(sorted(summary.violations.map(({ from, rule }) => `${from} ${rule.name}`))).toEqual(
      sorted(planted.filter(({ rule }) => known.has(rule)).map(({ file, rule }) => `${file} ${rule}`)),
    );
  }, 60_000);

  it('are found by eslint, and nothing else is', () => {
    const results = run('eslint', '-c', join(ROOT, 'eslint.config.mjs'), '-f', 'json', '.') as readonly {
      readonly filePath: string;
      readonly messages: readonly { readonly line: number; readonly ruleId: string | null }[];
    }[];
    const found = results.flatMap(({ filePath, messages }) =>
      messages.map(({ line, ruleId }) => `${relative(PLANTED, filePath)}:${line} ${ruleId ?? 'no rule'}`),
    );
    expect(sorted(found)).toEqual(
      sorted(planted.filter(({ rule }) => !known.has(rule)).map(({ file, line, rule }) => `${file}:${line} ${rule}`)),
    );
  }, 120_000);
});
