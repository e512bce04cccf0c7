import { type EnvFile } from './env-file.js';

/** What a process knows from outside: its environment, and the file `.env` in its working directory. */
export interface Environment {
  /** Relative paths start here. */
  readonly directory: string;
  readonly given: Readonly<NodeJS.ProcessEnv>;
  readonly file: EnvFile;
}

/** What is said of a variable, and where; what the process was given wins. An empty text counts as nothing. */
export function lookUp(
  { given, file }: Environment,
  name: string,
): { readonly text: string; readonly place: string } | undefined {
  const entry = file.entries.get(name);
  const text = (given[name] ?? entry?.text ?? '').trim();
  if (text === '') return undefined;
  return { text, place: given[name] === undefined && entry ? `.env line ${String(entry.line)}` : 'environment' };
}

/** Every variable as it is, ours or not. */
export const allOf = ({ given, file }: Environment): Readonly<NodeJS.ProcessEnv> => ({
  ...Object.fromEntries([...file.entries].map(([name, { text }]) => [name, text])),
  ...given,
});
