import { type OpenIndex, type Packages } from './open-index.js';
import { indexUnreadable, type IndexedPackage } from './package-index.js';
import { pathBelow } from './path-below.js';
import { statedHash, statedSize } from './stated.js';
import { readElements } from './xml-elements.js';

/** rpm's `repodata/repomd.xml`, and the list of packages that it leads to. */
export async function* readRpmIndex(open: OpenIndex): Packages {
  const { file, index, limits } = open;
  const primary = pathBelow(index.base, (await primaryLocation(open)) ?? '');
  if (primary === undefined) throw indexUnreadable(file, 'names no list of packages (primary)');
  const content = await open.open(primary);
  if (content === undefined) throw indexUnreadable(file, `names ${primary}, which is not there`);
  let found: IndexedPackage[] = [];
  const collector = new PrimaryPackages(primary, index.base, (item) => found.push(item));
  for await (const _ of readElements(primary, content(limits.bytes), limits.line, collector)) {
    yield found;
    found = [];
  }
  yield found;
}

async function primaryLocation({ file, content, limits }: OpenIndex): Promise<string | undefined> {
  let type: string | undefined;
  let location: string | undefined;
  const open = (name: string, attributes: Readonly<Record<string, string>>): void => {
    if (name === 'data') type = attributes['type'];
    if (name === 'location' && type === 'primary') location ??= attributes['href'];
  };
  const elements = readElements(file, content(limits.bytesAtOnce), limits.line, { open, close: () => undefined });
  for await (const _ of elements);
  return location;
}

/** Takes a `<package>` of `primary.xml` together from its elements. */
class PrimaryPackages {
  private item: Readonly<Record<string, string | undefined>> = {};

  constructor(
    private readonly file: string,
    private readonly base: string,
    private readonly take: (item: IndexedPackage) => void,
  ) {}

  readonly open = (name: string, attributes: Readonly<Record<string, string>>): void => {
    if (name === 'package') this.item = {};
    else if (name === 'version') this.add({ version: evr(attributes) });
    else if (name === 'checksum') this.add({ algorithm: attributes['type'] });
    else if (name === 'size') this.add({ size: attributes['package'] });
    // With another base the file lies on another server.
    else if (name === 'location') this.add({ path: attributes['xml:base'] === undefined ? attributes['href'] : '' });
  };

  readonly close = (name: string, text: string): void => {
    if (name === 'name' || name === 'arch' || name === 'checksum') this.add({ [name]: text });
    if (name !== 'package') return;
    const { name: title, version, arch = '', path = '', size, algorithm = '', checksum } = this.item;
    if (!title || !version) throw indexUnreadable(this.file, 'has an entry without a name or a version');
    this.take({
      name: title,
      version,
      arch,
      path: pathBelow(this.base, path),
      size: statedSize(size),
      hash: statedHash(algorithm, checksum),
    });
  };

  private add(facts: Readonly<Record<string, string | undefined>>): void {
    this.item = { ...this.item, ...facts };
  }
}

/** As rpm writes it: `[epoch:]version-release`. */
function evr({ epoch, ver, rel }: Readonly<Record<string, string>>): string | undefined {
  if (!ver) return undefined;
  return `${epoch === undefined || epoch === '0' ? '' : `${epoch}:`}${ver}${rel ? `-${rel}` : ''}`;
}
