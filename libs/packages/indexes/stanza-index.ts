import { lines } from '../unpack/lines.js';
import { tarEntry } from '../unpack/tar-entry.js';
import { type OpenIndex, type Packages } from './open-index.js';
import { indexUnreadable, type IndexedPackage } from './package-index.js';
import { pathBelow } from './path-below.js';
import { statedHash, statedSize } from './stated.js';

/** A format of `key:value` lines, with an empty line behind each package. */
interface StanzaFormat {
  readonly keys: { readonly name: string; readonly version: string; readonly arch: string; readonly size: string };
  /** Others that are looked at. */
  readonly more: readonly string[];
  readonly path: (fields: Fields) => string;
  readonly hash: (fields: Fields) => IndexedPackage['hash'];
}

type Fields = ReadonlyMap<string, string>;

const CONTROL: StanzaFormat = {
  keys: { name: 'Package', version: 'Version', arch: 'Architecture', size: 'Size' },
  more: ['Filename', 'SHA256', 'SHA256sum', 'SHA1'],
  path: (fields) => fields.get('Filename') ?? '',
  hash: (fields) =>
    statedHash('sha256', fields.get('SHA256') ?? fields.get('SHA256sum')) ?? statedHash('sha1', fields.get('SHA1')),
};

const APKINDEX: StanzaFormat = {
  keys: { name: 'P', version: 'V', arch: 'A', size: 'S' },
  more: [],
  path: (fields) => `${fields.get('P') ?? ''}-${fields.get('V') ?? ''}.apk`,
  hash: () => undefined, // `C` is that of a part of the file
};

/** Debian's `Packages`, which is opkg's too. */
export const readControlIndex = (open: OpenIndex): Packages =>
  readStanzas(open, open.content(open.limits.bytes), CONTROL);

/** The file of that name in apk 2's `APKINDEX.tar.gz`. */
export const readApkIndex = (open: OpenIndex): Packages =>
  readStanzas(open, tarEntry(open.file, open.content(open.limits.bytes), 'APKINDEX'), APKINDEX);

async function* readStanzas(
  { file, index, limits }: OpenIndex,
  text: AsyncIterable<Buffer>,
  format: StanzaFormat,
): Packages {
  const stanzas = new Stanzas(file, index.base, format);
  for await (const batch of lines(file, text, limits.line)) {
    for (const line of batch) stanzas.take(line);
    yield stanzas.ended();
  }
  stanzas.take('');
  yield stanzas.ended();
}

class Stanzas {
  private readonly wanted: ReadonlySet<string>;
  private readonly fields = new Map<string, string>();
  private isOpen = false;
  private found: IndexedPackage[] = [];

  constructor(
    private readonly file: string,
    private readonly base: string,
    private readonly format: StanzaFormat,
  ) {
    this.wanted = new Set([...Object.values(format.keys), ...format.more]);
  }

  take(line: string): void {
    if (line === '' || line === '\r') {
      if (this.isOpen) this.found.push(this.close());
      return;
    }
    this.isOpen = true;
    if (line.startsWith(' ')) return; // goes on with the line before
    const key = line.slice(0, Math.max(0, line.indexOf(':')));
    if (this.wanted.has(key)) this.fields.set(key, line.slice(key.length + 1).trim());
  }

  /** The packages that ended since it was asked last. */
  ended(): readonly IndexedPackage[] {
    const { found } = this;
    this.found = [];
    return found;
  }

  private close(): IndexedPackage {
    const { fields, file } = this;
    const { keys, path, hash } = this.format;
    const [name, version] = [fields.get(keys.name), fields.get(keys.version)];
    if (!name || !version) throw indexUnreadable(file, 'has an entry without a name or a version');
    const found = {
      name,
      version,
      arch: fields.get(keys.arch) ?? '',
      path: pathBelow(this.base, path(fields)),
      size: statedSize(fields.get(keys.size)),
      hash: hash(fields),
    };
    fields.clear();
    this.isOpen = false;
    return found;
  }
}
