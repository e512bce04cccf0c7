import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { ROOT } from './dockerfile.js';

export type Value = string | readonly Value[] | { readonly [key: string]: Value };
type Block = Readonly<Record<string, Value>>;

const VARIABLE = /^[A-Z]+$/;

/**
 * docker-bake.hcl, as far as it goes: variables, groups and targets; strings, lists, maps, `split(",", NAME)` and
 * `NAME == "" ? … : …`. What else HCL knows is an error here, so that nothing in the file goes unseen.
 */
export class BakeFile {
  readonly groups = new Map<string, Block>();
  private readonly targets = new Map<string, Block>();
  private readonly variables = new Map<string, string>();
  private readonly tokens: string[];

  /** @param environment takes the place of the variables' defaults, as it does with buildx */
  constructor(environment: Readonly<Record<string, string>> = {}) {
    const text = readFileSync(join(ROOT, 'docker-bake.hcl'), 'utf8').replaceAll(/^\s*#.*$/gm, '');
    this.tokens = text.match(/"[^"]*"|[\w-]+|==|\S/g) ?? [];
    while (this.tokens.length > 0) this.readBlock(environment);
  }

  /** With what it inherits; of maps such as `args` all entries. */
  target(name: string): Block {
    const own = this.targets.get(name);
    if (own === undefined) throw new Error(`there is no target ${name}`);
    const inherited = strings(own['inherits']).map((parent) => this.target(parent));
    return [...inherited, own].reduce((all, block) => ({ ...all, ...merged(all, block) }), {});
  }

  private readBlock(environment: Readonly<Record<string, string>>): void {
    const kind = this.take();
    const name = unquoted(this.take());
    const block = this.readMap(this.take('{'));
    if (kind === 'variable') this.variables.set(name, environment[name] ?? textOf(block['default']));
    else if (kind === 'group') this.groups.set(name, block);
    else if (kind === 'target') this.targets.set(name, block);
    else throw new Error(`docker-bake.hcl has a ${kind}`);
  }

  private readMap(_: string): Block {
    const entries: [string, Value][] = [];
    while (this.tokens[0] !== '}') {
      const key = unquoted(this.take());
      this.take('=');
      entries.push([key, this.readValue()]);
    }
    this.take('}');
    return Object.fromEntries(entries);
  }

  private readValue(): Value {
    const token = this.take();
    if (token === '{') return this.readMap(token);
    if (token === '[') return this.readList();
    if (token.startsWith('"')) return this.filled(unquoted(token));
    if (token === 'split') return this.readSplit();
    if (!VARIABLE.test(token)) throw new Error(`docker-bake.hcl has the value ${token}`);
    return this.tokens[0] === '==' ? this.readChoice(this.valueOf(token)) : this.valueOf(token);
  }

  private readList(): readonly Value[] {
    const values: Value[] = [];
    while (this.tokens[0] !== ']') {
      values.push(this.readValue());
      if (this.tokens[0] === ',') this.take();
    }
    this.take(']');
    return values;
  }

  private readSplit(): readonly string[] {
    for (const expected of ['(', '","', ',']) this.take(expected);
    const values = this.valueOf(this.take()).split(',');
    this.take(')');
    return values;
  }

  private readChoice(value: string): Value {
    for (const expected of ['==', '""', '?']) this.take(expected);
    const yes = this.readValue();
    this.take(':');
    const no = this.readValue();
    return value === '' ? yes : no;
  }

  private filled(text: string): string {
    return text.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => this.valueOf(name));
  }

  private valueOf(name: string): string {
    const value = this.variables.get(name);
    if (value === undefined) throw new Error(`docker-bake.hcl uses ${name}, which it does not declare`);
    return value;
  }

  private take(expected?: string): string {
    const token = this.tokens.shift() ?? 'the end';
    if (expected !== undefined && token !== expected) throw new Error(`docker-bake.hcl has ${token}, not ${expected}`);
    return token;
  }
}

export const strings = (value: Value | undefined): readonly string[] => (Array.isArray(value) ? value.map(String) : []);

const textOf = (value: Value | undefined): string => {
  if (typeof value !== 'string') throw new Error('docker-bake.hcl has a variable whose default is no text');
  return value;
};

const unquoted = (token: string): string => token.replace(/^"(.*)"$/, '$1');

const merged = (all: Block, block: Block): Block =>
  Object.fromEntries(
    Object.entries(block).map(([key, value]) => {
      const before = all[key];
      return [key, isMap(value) && isMap(before) ? { ...before, ...value } : value];
    }),
  );

const isMap = (value: Value | undefined): value is Block => typeof value === 'object' && !Array.isArray(value);
