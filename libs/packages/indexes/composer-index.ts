import { jsonDocument, listIn, objectIn, textIn, type JsonObject } from './json-document.js';
import { type OpenIndex, type Packages } from './open-index.js';
import { type IndexedPackage } from './package-index.js';
import { pathBelow } from './path-below.js';
import { statedHash } from './stated.js';

/**
 * Composer's `packages.json` with what it includes, or one package's `p2/<vendor>/<name>.json`, as far as the files are
 * there. An archive that is named by a whole URL has no path.
 */
export async function* readComposerIndex(open: OpenIndex): Packages {
  const { file, index, limits } = open;
  const document = await jsonDocument(file, open.content, limits);
  yield packagesIn(document, index.base);
  for await (const path of included(document, open)) {
    const content = await open.open(path);
    if (content !== undefined) yield packagesIn(await jsonDocument(path, content, limits), index.base);
  }
}

/** The files that hold more packages: `includes`, and each package's own by way of `provider-includes`. */
async function* included(document: JsonObject, open: OpenIndex): AsyncGenerator<string> {
  const { index, limits } = open;
  for (const name of Object.keys(objectIn(document['includes']) ?? {})) yield* below(index.base, name);
  const url = textIn(document['providers-url']);
  if (url === undefined) return;
  yield* providers(document, url, index.base);
  for (const [name, stated] of Object.entries(objectIn(document['provider-includes']) ?? {})) {
    for (const path of below(index.base, withHash(name, stated))) {
      const content = await open.open(path);
      if (content !== undefined) yield* providers(await jsonDocument(path, content, limits), url, index.base);
    }
  }
}

function* providers(document: JsonObject, url: string, base: string): Generator<string> {
  for (const [name, stated] of Object.entries(objectIn(document['providers']) ?? {})) {
    yield* below(base, withHash(url.replaceAll('%package%', name), stated).replace(/^\//, ''));
  }
}

const withHash = (name: string, stated: unknown): string =>
  name.replaceAll('%hash%', textIn(objectIn(stated)?.['sha256']) ?? '');

function below(base: string, name: string): readonly string[] {
  const path = pathBelow(base, name);
  return path === undefined ? [] : [path];
}

function packagesIn(document: JsonObject, base: string): readonly IndexedPackage[] {
  return Object.entries(objectIn(document['packages']) ?? {}).flatMap(([name, versions]) =>
    versionsIn(versions).flatMap((version) => toPackage(name, version, base) ?? []),
  );
}

/** By version, or a list, in which each says only how it differs from the one before. */
function versionsIn(versions: unknown): readonly JsonObject[] {
  if (!Array.isArray(versions))
    return Object.values(objectIn(versions) ?? {}).flatMap<JsonObject>((each) => objectIn(each) ?? []);
  let whole: JsonObject = {};
  return listIn(versions).map((each) => {
    whole = { ...whole, ...objectIn(each) };
    return whole;
  });
}

function toPackage(name: string, facts: JsonObject, base: string): IndexedPackage | undefined {
  const version = textIn(facts['version']);
  if (version === undefined) return undefined;
  const dist = objectIn(facts['dist']);
  return {
    name: textIn(facts['name']) ?? name,
    version,
    arch: '',
    path: pathBelow(base, textIn(dist?.['url']) ?? ''),
    size: undefined,
    hash: statedHash('sha1', textIn(dist?.['shasum'])),
  };
}
