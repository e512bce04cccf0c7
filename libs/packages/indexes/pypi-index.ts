import { wholeContent } from '../unpack/whole-content.js';
import { jsonDocument, listIn, objectIn, textIn, type JsonObject } from './json-document.js';
import { type OpenIndex, type Packages } from './open-index.js';
import { type FileHash, type IndexedPackage } from './package-index.js';
import { referenceBelow } from './path-below.js';
import { statedHash } from './stated.js';

/** A project's page in PyPI's simple form, as JSON (PEP 691) or HTML (PEP 503). Files that name no version are passed over. */
export async function* readPypiIndex(open: OpenIndex): Packages {
  const { file, index } = open;
  const project = normalized(index.base.split('/').at(-2) ?? '');
  const files = file.endsWith('json')
    ? filesInJson(await jsonDocument(file, open.content, open.limits))
    : await linksIn(open);
  yield files.flatMap(({ name, reference, size, hash }) => {
    const found = packageOf(project, name);
    return found === undefined
      ? []
      : [{ name: project, ...found, path: referenceBelow(index.base, reference), size, hash }];
  });
}

interface ProjectFile extends Pick<IndexedPackage, 'size' | 'hash'> {
  readonly name: string;
  readonly reference: string;
}

const HASHES = ['sha512', 'sha384', 'sha256', 'sha1'];

function filesInJson(document: JsonObject): readonly ProjectFile[] {
  return listIn(document['files']).flatMap((each) => {
    const facts = objectIn(each);
    const name = textIn(facts?.['filename']);
    const reference = textIn(facts?.['url']);
    if (name === undefined || reference === undefined) return [];
    const size = facts?.['size'];
    return [
      { name, reference, size: typeof size === 'number' ? size : undefined, hash: hashIn(objectIn(facts?.['hashes'])) },
    ];
  });
}

function hashIn(hashes: JsonObject = {}): FileHash | undefined {
  return HASHES.map((algorithm) => statedHash(algorithm, textIn(hashes[algorithm]))).find((hash) => hash !== undefined);
}

/** Bounded, so that a page of half links is not searched to its end for each of them. */
const LINK = /<a\s[^>]{0,4096}?href\s{0,9}=\s{0,9}(?:"([^"]{0,4096})"|'([^']{0,4096})')[^>]{0,4096}>([^<]{0,4096})</gi;

async function linksIn({ content, limits }: OpenIndex): Promise<readonly ProjectFile[]> {
  const page = (await wholeContent(content(limits.bytesAtOnce))).toString('utf8');
  return [...page.matchAll(LINK)].map(([, double, single, text = '']) => {
    const reference = unescaped(double ?? single ?? '');
    const [, algorithm = '', value] = /#(\w+)=([0-9a-f]+)/i.exec(reference) ?? [];
    return { name: unescaped(text).trim(), reference, size: undefined, hash: statedHash(algorithm, value) };
  });
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };

const unescaped = (text: string): string =>
  text.replaceAll(/&(amp|lt|gt|quot|#39);/g, (whole, name: string) => ENTITIES[name] ?? whole);

const WHEEL = /^(?<project>[^-]+)-(?<version>[^-]+)(?:-\d[^-]*)?-(?<tags>[^-]+-[^-]+-[^-]+)\.whl$/;
const SOURCES = /^(?<project>.+)-(?<version>[^-]+)\.(?:tar\.gz|tar\.bz2|tar\.xz|zip|tgz)$/;

/** What the name of a file says of it, when it is one of that project. */
function packageOf(project: string, file: string): { readonly version: string; readonly arch: string } | undefined {
  const parts = (WHEEL.exec(file) ?? SOURCES.exec(file))?.groups;
  if (parts === undefined || normalized(parts['project'] ?? '') !== project) return undefined;
  return { version: parts['version'] ?? '', arch: parts['tags'] ?? 'source' };
}

const normalized = (name: string): string => name.toLowerCase().replaceAll(/[-_.]+/g, '-');
