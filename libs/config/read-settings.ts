import { resolve } from 'node:path';

import { printable } from '#libs/kernel/ids.js';

import { isForCommands } from './command-variables.js';
import { allOf, type Environment, lookUp } from './environment.js';
import { missing } from './missing.js';
import { meantBy, RETIRED } from './unknown-names.js';
import { ALIASES, type Settings, VARIABLES, type Variable } from './variables.js';

/** A variable as operators know it. */
export interface Setting {
  readonly name: string;
  /** In the units of the variable; of a secret only that there is one; `undefined` when nothing is set. */
  readonly value: string | undefined;
  /** `environment`, `.env line 3`, `default`, or `unset: ` and what holds then. */
  readonly from: string;
}

export interface Reading {
  /** Complete when there are no mistakes. */
  readonly values: Settings;
  readonly settings: readonly Setting[];
  /** Whole sentences. Nothing starts with one of these. */
  readonly mistakes: readonly string[];
  /** What an operator may want to know, and nobody has to do anything about. */
  readonly notes: readonly string[];
}

export function readSettings(environment: Environment): Reading {
  const mistakes = [...environment.file.mistakes];
  const values: Record<string, unknown> = {};
  for (const [name, variable] of VARIABLES) {
    const { kind, fallback } = variable;
    const found = lookUpVariable(environment, name, variable);
    const text = found?.text ?? fallback;
    if (text === undefined) continue;
    values[name] = kind.parse(text);
    if (values[name] === undefined) mistakes.push(misfit(name, text, found?.place ?? 'default'));
  }
  const settings = [...VARIABLES].map(([name, variable]) => settingOf(environment, name, variable));
  const names = judgeNames(environment, values as Settings);
  const isSet = (name: string): boolean => lookUp(environment, name) !== undefined;
  return {
    values: values as Settings,
    settings,
    mistakes: [...mistakes, ...contradictions(environment), ...missing(values, isSet), ...names.mistakes],
    notes: names.notes,
  };
}

/** By its own name, else by its alias. */
function lookUpVariable(
  environment: Environment,
  name: string,
  { alias }: Variable<unknown>,
): ReturnType<typeof lookUp> {
  const found = lookUp(environment, name);
  const other = alias === undefined ? undefined : lookUp(environment, alias);
  return found ?? (other && { ...other, place: `${other.place}, as ${String(alias)}` });
}

function contradictions(environment: Environment): readonly string[] {
  return [...ALIASES].flatMap(([alias, name]) => {
    const [one, other] = [lookUp(environment, name), lookUp(environment, alias)];
    if (one === undefined || other === undefined || one.text === other.text) return [];
    return [`${name} (${one.place}) and ${alias} (${other.place}) are the same setting, and differ.`];
  });
}

function misfit(name: string, found: string, place: string): string {
  const { isSecret, expected } = VARIABLES.get(name)?.kind ?? {};
  const shown = isSecret ? 'does not fit' : `is "${printable(withoutPassword(found))}"`;
  return `${name} ${shown} (${place}); expected ${String(expected)}.`;
}

const withoutPassword = (text: string): string => text.replaceAll(/\/\/[^/]*@/g, '//…@');

function settingOf(environment: Environment, name: string, variable: Variable<unknown>): Setting {
  const { kind, fallback, unset } = variable;
  const { text, place } = lookUpVariable(environment, name, variable) ?? { text: fallback, place: 'default' };
  if (text === undefined) return { name, value: undefined, from: `unset: ${(unset ?? '').replaceAll('`', '')}` };
  if (kind.isSecret) return { name, value: '[secret]', from: place };
  return { name, value: kind.isPath ? resolve(environment.directory, text) : withoutPassword(text), from: place };
}

/**
 * The file is ours, so a name in it that is nearly one of ours is a slip. The environment is everybody's, so there it is
 * only worth a note.
 */
function judgeNames(environment: Environment, { SYNC_ENV = [] }: Settings): Pick<Reading, 'mistakes' | 'notes'> {
  const strangers = Object.keys(allOf(environment)).filter(
    (name) => !VARIABLES.has(name) && !ALIASES.has(name) && !isForCommands(name, SYNC_ENV),
  );
  const [mistakes, notes]: [string[], string[]] = [[], []];
  for (const name of strangers) {
    const meant = meantBy(name, VARIABLES.keys());
    const line = environment.file.entries.get(name)?.line;
    const inFile = `${name} (.env line ${String(line)})`;
    const retired = RETIRED.get(name);
    if (retired) notes.push(`${line ? inFile : `${name} (environment)`} has no effect: ${retired}.`);
    else if (meant && line) mistakes.push(`${inFile} is no setting; did you mean ${meant}?`);
    else if (meant) notes.push(`${name} (environment) is no setting; did you mean ${meant}?`);
    else if (line) notes.push(`${inFile} has no effect: it is no setting, and SYNC_ENV does not name it.`);
  }
  return { mistakes, notes };
}
