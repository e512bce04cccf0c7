import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { RETIRED } from '#libs/config/unknown-names.js';

import { isCommandName } from '../../apps/cli/summaries.js';
import { commandLines, optionsOf, type CommandLine } from './command-lines.js';
import { fencesOf, inlineCodeOf, PAGES, placeOf, ROOT, type Snippet } from './pages.js';
import { COMMANDS, helpOf } from './program-help.js';

/** Decisions and plans may speak of what is not there (any more). */
const ABOUT_NOW = PAGES.filter(({ file }) => file !== 'docs/plan.md' && !/^docs\/adr\//.test(file));

const NOUNS: ReadonlySet<string> = new Set(COMMANDS.flatMap((name) => /^(.+):/.exec(name)?.[1] ?? []));

/** `repository:sync --wait`, as prose says it. */
function mentioned(code: Snippet): readonly CommandLine[] {
  const text = code.text.replace(/^(?:bin\/)?parceler /, '');
  const [noun = ''] = text.split(':');
  const isCall = text !== code.text || (NOUNS.has(noun) && /^[a-z]+:[a-z]/.test(text));
  return isCall && !text.startsWith('<') ? [{ place: placeOf(code), words: text.split(' ') }] : [];
}

const shown = ABOUT_NOW.flatMap((page) => fencesOf(page, 'sh')).flatMap(commandLines);
const calls = [...shown, ...ABOUT_NOW.flatMap(inlineCodeOf).flatMap(mentioned)];

const isHelp = (option: string): boolean => option === '--help' || option === '-h';

function mistakeIn(call: CommandLine): string | undefined {
  const [name = ''] = call.words;
  if (isHelp(name) || name === 'help' || name === '--version') return undefined;
  if (!isCommandName(name)) return `there is no command ${name}`;
  const unknown = optionsOf(call).filter((option) => !isHelp(option) && !knows(helpOf(name), option));
  return unknown.length === 0 ? undefined : `${name} has no ${unknown.join(', ')}`;
}

const knows = (help: string, option: string): boolean => new RegExp(`(?<![\\w-])${option}(?![\\w-])`).test(help);

describe('calls of parceler', () => {
  it.each([
    ['bin/parceler doctor', [['doctor']]],
    [
      '  bin/parceler a --command \'x | y "$SOURCE_DIR"\' --delay=7 | jq .',
      [['a', '--command', 'x | y "$SOURCE_DIR"', '--delay=7']],
    ],
    ['bin/parceler a \\\n  --json > file\nparceler b; bin/parceler c # parceler d', [['a', '--json'], ['b'], ['c']]],
    ['echo "$SECRET" | bin/parceler a --secret-stdin', [['a', '--secret-stdin']]],
    ['cd /opt/parceler\nmyparceler x', []],
  ])('are found in %j', (text, words) => {
    expect(commandLines({ file: 'page', line: 1, text }).map((call) => call.words)).toEqual(words);
  });

  it('in pages name commands and options that exist', () => {
    expect(shown.length).toBeGreaterThan(20);
    const mistakes = calls.map((call) => ({ call, mistake: mistakeIn(call) })).filter(({ mistake }) => mistake);
    expect(mistakes.map(({ call, mistake }) => `${call.place}: ${mistake ?? ''}`)).toEqual([]);
  }, 120_000);

  it('are told apart from those that do not exist', () => {
    expect(mistakeIn({ place: '', words: ['repository:mirror'] })).toBe('there is no command repository:mirror');
    expect(mistakeIn({ place: '', words: ['repository:list', '--jso'] })).toBe('repository:list has no --jso');
    expect(mistakeIn({ place: '', words: ['repository:list', '--json'] })).toBeUndefined();
  }, 10_000);
});

describe('npm scripts', () => {
  const { scripts } = JSON.parse(readFileSync(resolve(ROOT, 'package.json'), 'utf8')) as {
    readonly scripts: Readonly<Record<string, string>>;
  };
  const named = ABOUT_NOW.flatMap((page) => [...page.text.matchAll(/\bnpm (?:run ([\w:-]+)|(test|start))\b/g)]);

  it('that pages name exist', () => {
    const names = named.map(([, script, short]) => script ?? short ?? '');
    expect(names).toEqual(expect.arrayContaining(['example', 'test']));
    expect(names.filter((name) => !(name in scripts))).toEqual([]);
  });
});

describe('names in capitals', () => {
  const NAME = /^[A-Z][A-Z0-9]*_[A-Z0-9_]+$/;
  const sources = PAGES.filter(({ file }) => /^docs\/(?:configuration|errors)\b/.test(file))
    .map(({ text }) => text)
    .join('');
  const ofContainers = readFileSync(resolve(ROOT, 'deploy/.env.example'), 'utf8').matchAll(/^#?([A-Z_]+)=/gm);
  const ofNginx = readFileSync(resolve(ROOT, 'docker/nginx/templates/parceler.conf.template'), 'utf8').matchAll(
    /\$\{([A-Z_]+)\}/g,
  );
  const elsewhere = [...ofContainers, ...ofNginx].map(([, name = '']) => name);
  const others = new Set(['SOURCE_DIR', 'PARCELER_REPOSITORY', ...RETIRED.keys(), ...elsewhere]);

  it('are variables or codes that exist', () => {
    const named = ABOUT_NOW.flatMap(inlineCodeOf).filter(({ text }) => NAME.test(text));
    const unknown = named.filter(({ text }) => !others.has(text) && !sources.includes(`\`${text}\``));
    expect(unknown.map((code) => `${placeOf(code)} ${code.text}`)).toEqual([]);
  });
});
