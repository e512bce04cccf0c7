import { SECTIONS, type Variable } from './variables.js';

type Section = Readonly<Record<string, Variable<unknown>>>;

/** The page `docs/configuration.md`. */
export const configurationPage = (): string => `# Configuration

<!-- Generated from libs/config/variables.ts by \`npm run docs:generate\`. -->

Parceler is configured by environment variables. It also reads a file \`.env\` in its working directory; what the process was given in its
environment wins. Everything has a default that works. An empty variable counts as unset. All mistakes are reported together, and nothing starts
with one; \`parceler config:check\` shows what is in force and where it comes from, secrets masked.

A line of \`.env\` is \`NAME=value\`, with \`export\` before it if you like. A comment begins with \`#\`, at the start or after a blank. A value in \`'…'\` stands as it is, in \`"…"\` the signs
\`\\n\`, \`\\"\` and \`\\\\\` mean a new line, a quote and a backslash; both may go over several lines. A line that cannot be read, a name that is set twice and one that is nearly the
name of a setting are mistakes. Other names are left alone: they may be for sync commands (\`SYNC_ENV\`) or for another program.

Durations are a whole number and a unit (\`500ms\`, \`30s\`, \`10m\`, \`48h\`, \`7d\`); a bare number counts seconds. Relative paths start at the working directory.
${Object.entries<Section>(SECTIONS).map(sectionTable).join('')}`;

/** The file `.env.example`: every variable with what it does, commented out. */
export const environmentExample =
  (): string => `# Everything has a default that works; take the # away from what you change.
# Generated from libs/config/variables.ts by \`npm run docs:generate\`. More: docs/configuration.md
${Object.entries<Section>(SECTIONS).map(sectionExample).join('')}`;

function sectionTable([title, variables]: readonly [string, Section]): string {
  const rows = Object.entries(variables).map(
    ([name, variable]) =>
      `| \`${name}\` | ${defaultOf(variable)} | ${variable.about} | ${escaped(variable.kind.expected)} |\n`,
  );
  return `\n## ${title}\n\n| variable | default | what it does | what it may be |\n| --- | --- | --- | --- |\n${rows.join('')}`;
}

const defaultOf = ({ fallback, unset }: Variable<unknown>): string =>
  fallback === undefined ? `*unset:* ${unset ?? ''}` : `\`${fallback}\``;

const escaped = (text: string): string => text.replaceAll('<', '&lt;').replaceAll('*', '\\*');

function sectionExample([title, variables]: readonly [string, Section]): string {
  const entries = Object.entries(variables).map(([name, { about, kind, fallback, unset }]) => {
    const comments = [about, `Expected: ${kind.expected}.`, ...(unset === undefined ? [] : [`Unset: ${unset}.`])];
    const value = fallback?.includes(' ') ? `"${fallback}"` : (fallback ?? '');
    return `${comments.map((line) => `# ${line.replaceAll('`', '')}\n`).join('')}#${name}=${value}\n`;
  });
  return `\n### ${title}\n\n${entries.join('\n')}`;
}
