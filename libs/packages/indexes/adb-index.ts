import { promisify } from 'node:util';
import { inflateRaw } from 'node:zlib';

import { messageOf } from '#libs/kernel/errors.js';

import { wholeContent } from '../unpack/whole-content.js';
import { zstd } from '../unpack/zstd.js';
import { AdbDefect, AdbReader } from './adb-reader.js';
import { type OpenIndex, type Packages } from './open-index.js';
import { indexUnreadable, type IndexedPackage } from './package-index.js';
import { pathBelow } from './path-below.js';

/** Where the fields stand, as apk-tools' `src/apk_adb.h` numbers them. */
const INDEX = { packages: 2, fileNames: 3 } as const;
const PACKAGE = { name: 1, version: 2, arch: 5, fileSize: 13 } as const;

const FILE_NAMES = '${name}-${version}.apk';
const AT_ONCE = 1_000;

/** apk 3's `packages.adb`. What it says of hashes is of a part of the file. */
export async function* readAdbIndex({ file, index, content, limits }: OpenIndex): Packages {
  const packed = await wholeContent(content(limits.bytesAtOnce));
  try {
    const adb = AdbReader.open(await unpacked(file, packed, limits.bytesAtOnce), 'indx');
    const root = adb.slots(adb.root);
    const names = adb.text(root[INDEX.fileNames] ?? 0) ?? FILE_NAMES;
    const values = adb.slots(root[INDEX.packages] ?? 0).slice(1);
    for (let at = 0; at < values.length; at += AT_ONCE) {
      yield values.slice(at, at + AT_ONCE).map((value) => toPackage(adb, value, index.base, names));
    }
  } catch (error) {
    if (error instanceof AdbDefect) throw indexUnreadable(file, error.message);
    throw error;
  }
}

function toPackage(adb: AdbReader, value: number, base: string, fileNames: string): IndexedPackage {
  const fields = adb.slots(value);
  const text = (field: number): string => adb.text(fields[field] ?? 0) ?? '';
  const known = { name: text(PACKAGE.name), version: text(PACKAGE.version), arch: text(PACKAGE.arch) };
  if (known.name === '' || known.version === '') throw new AdbDefect('has an entry without a name or a version');
  const path = pathBelow(base, named(fileNames, known));
  return { ...known, path, size: adb.int(fields[PACKAGE.fileSize] ?? 0), hash: undefined };
}

/** A name such as `${name:3}/${name}-${version}.apk`, where a number takes so many characters; empty when it has another variable. */
function named(pattern: string, known: Readonly<Record<string, string>>): string {
  const path = pattern.replaceAll(/\$\{(name|version|arch)(?::(\d+))?\}/g, (_, variable: string, length?: string) =>
    (known[variable] ?? '').slice(0, length === undefined ? undefined : Number(length)),
  );
  return path.includes('${') ? '' : path;
}

/** The fourth byte says how it is packed; `c` is followed by the number and the level of a method. */
async function unpacked(file: string, packed: Buffer, maxOutputLength: number): Promise<Buffer> {
  const { method, header } = packingOf(packed);
  const body = packed.subarray(header);
  if (method === NOT_PACKED) return body;
  const unpack = method === DEFLATE ? inflateRaw : method === ZSTD ? zstd.zstdDecompress : undefined;
  if (unpack === undefined) throw indexUnreadable(file, 'is packed in a way that is not read here');
  try {
    return await promisify(unpack)(body, { maxOutputLength });
  } catch (error) {
    throw indexUnreadable(file, `cannot be unpacked: ${messageOf(error)}`, error);
  }
}

const NOT_PACKED = 0;
const DEFLATE = 1;
const ZSTD = 2;

function packingOf(packed: Buffer): { readonly method: number | undefined; readonly header: number } {
  const mark = packed.toString('latin1', 0, 4);
  if (mark === 'ADBd') return { method: DEFLATE, header: 4 };
  return mark === 'ADBc' ? { method: packed[4], header: 6 } : { method: NOT_PACKED, header: 0 };
}
