import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';

import ts from 'typescript';

import { VARIABLES } from '#libs/config/variables.js';

const ROOT = resolve(__dirname, '../..');
const CONFIG_FILE = join(ROOT, 'libs/config/config.ts');

const isProgramFile = (file: string): boolean =>
  /^(?:libs|apps)\//.test(file) && !/\.test\.ts$|\/testing\/|^libs\/config\//.test(file);

/** The members of `Config` that hold a value, and those of them that somebody reads outside libs/config. */
class ConfigReaders {
  private readonly read = new Set<ts.Declaration>();
  private readonly program = ts.createProgram(
    ts.sys.readDirectory(ROOT, ['.ts'], ['node_modules', 'dist'], ['libs', 'apps']),
    ts.parseJsonConfigFileContent(ts.readConfigFile(join(ROOT, 'tsconfig.json'), ts.sys.readFile).config, ts.sys, ROOT)
      .options,
  );
  private readonly checker = this.program.getTypeChecker();

  unread(): readonly string[] {
    for (const file of this.program.getSourceFiles()) {
      if (isProgramFile(relative(ROOT, file.fileName))) this.visit(file);
    }
    return this.members()
      .filter((member) => !this.read.has(member))
      .map(pathOf);
  }

  members(): readonly ts.PropertySignature[] {
    const found: ts.PropertySignature[] = [];
    const collect = (node: ts.Node): void => {
      if (ts.isPropertySignature(node) && !(node.type && ts.isTypeLiteralNode(node.type))) found.push(node);
      else ts.forEachChild(node, collect);
    };
    const file = this.program.getSourceFile(CONFIG_FILE);
    if (file) collect(file);
    return found;
  }

  private visit(node: ts.Node): void {
    if (ts.isPropertyAccessExpression(node)) this.mark(this.checker.getSymbolAtLocation(node.name));
    if (ts.isBindingElement(node)) this.markBound(node);
    if (ts.isIdentifier(node) || ts.isPropertyAccessExpression(node)) this.markHandedOn(node);
    ts.forEachChild(node, (child) => {
      this.visit(child);
    });
  }

  private mark(symbol: ts.Symbol | undefined): void {
    for (const declaration of symbol?.declarations ?? []) this.read.add(declaration);
  }

  private markBound({ parent, propertyName, name }: ts.BindingElement): void {
    const bound = propertyName ?? name;
    if (ts.isIdentifier(bound)) this.mark(this.checker.getTypeAtLocation(parent).getProperty(bound.text));
  }

  /** A part of the configuration given to who asks for some of its members only, by a type of their own. */
  private markHandedOn(node: ts.Expression): void {
    const given = this.checker.getTypeAtLocation(node);
    if (!given.getSymbol()?.declarations?.some((declaration) => declaration.getSourceFile().fileName === CONFIG_FILE))
      return;
    const wanted = this.checker.getContextualType(node);
    if (wanted === undefined || wanted.getSymbol() === given.getSymbol()) return;
    for (const { name } of wanted.getProperties()) this.mark(given.getProperty(name));
  }
}

const pathOf = (node: ts.Node): string =>
  ts.isPropertySignature(node) ? [pathOf(node.parent.parent), node.name.getText()].filter(Boolean).join('.') : '';

describe('settings', () => {
  it('are all read by a program: what nobody reads is no setting', () => {
    const readers = new ConfigReaders();
    expect(readers.members().length).toBeGreaterThan(20);
    expect(readers.unread()).toEqual([]);
  }, 60_000);

  it('are made of every variable', () => {
    const sources = readdirSync(join(ROOT, 'libs/config'))
      .filter((file) => file !== 'variables.ts' && file.endsWith('.ts') && !file.endsWith('.test.ts'))
      .map((file) => readFileSync(join(ROOT, 'libs/config', file), 'utf8'));
    const isRead = (name: string): boolean =>
      sources.some((source) => new RegExp(String.raw`values(?:\.${name}\b|\['${name}'\])`).test(source));
    expect([...VARIABLES.keys()].filter((name) => !isRead(name))).toEqual([]);
  });
});
