import { unpack } from '../unpack/unpack.js';
import { readAdbIndex } from './adb-index.js';
import { readComposerIndex } from './composer-index.js';
import {
  INDEX_LIMITS,
  indexUnreadable,
  type IndexedPackage,
  type IndexFiles,
  type IndexLimits,
  type IndexReader,
  type PackageIndex,
} from './package-index.js';
import { readPypiIndex } from './pypi-index.js';
import { type OpenIndex, type Packages } from './open-index.js';
import { readRpmIndex } from './rpm-index.js';
import { readApkIndex, readControlIndex } from './stanza-index.js';

const READERS: Readonly<Record<IndexReader, (index: OpenIndex) => Packages>> = {
  adb: readAdbIndex,
  apkindex: readApkIndex,
  composer: readComposerIndex,
  control: readControlIndex,
  pypi: readPypiIndex,
  rpm: readRpmIndex,
};

/**
 * Every package that an index names, in batches, in the index's order; `undefined` when none of the index's files is
 * there. What the index says of a package is taken as it stands: nothing is verified, and nothing is guessed.
 *
 * @throws AppError `INDEX_UNREADABLE`, also between two batches: then no batch counts
 */
export async function readIndex(
  index: PackageIndex,
  files: IndexFiles,
  limits = INDEX_LIMITS,
): Promise<AsyncIterable<readonly IndexedPackage[]> | undefined> {
  let opened = 0;
  const open = async (path: string) => {
    opened += 1;
    if (opened > limits.files) throw indexUnreadable(index.path, `is made of more than ${String(limits.files)} files`);
    const packed = await files.open(path);
    return packed && ((bytes: number) => unpack(path, packed, bytes));
  };
  for (const file of index.files) {
    const content = await open(file);
    if (content === undefined) continue;
    return bounded(index, READERS[index.reader]({ index, file, content, open, limits }), limits);
  }
  return undefined;
}

async function* bounded(index: PackageIndex, packages: Packages, limits: IndexLimits): Packages {
  let count = 0;
  for await (const batch of packages) {
    count += batch.length;
    if (count > limits.packages)
      throw indexUnreadable(index.path, `names more than ${String(limits.packages)} packages`);
    if (batch.some((item) => longestField(item) > limits.field))
      throw indexUnreadable(index.path, 'has an entry that is too long');
    yield batch;
  }
}

const longestField = ({ name, version, arch, path = '' }: IndexedPackage): number =>
  Math.max(name.length, version.length, arch.length, path.length);
