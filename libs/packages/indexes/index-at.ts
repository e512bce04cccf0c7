import { type PackageIndex } from './package-index.js';

/** Whether a file may be one of those that an index is made of; more than these are not. */
export const mayBePartOfIndex = (path: string): boolean =>
  /\.(?:json|xml)(?:\.\w+)?$/.test(path) || indexAt(path) !== undefined;

/** Files that only speak of the files beside them, whichever of these there are: apt's and rpm's, and what belongs to an index. */
export function isMetadata(path: string): boolean {
  if (METADATA.test(path)) return true;
  const reader = indexAt(path)?.reader;
  // Any file may be called packages.json.
  return reader !== undefined && (reader !== 'composer' || /(?:^|\/)p2\//.test(path));
}

const METADATA = /(?:^|\/)(?:(?:dists|repodata)\/.+(?<!\.u?deb)|Packages\.(?:sig|asc|gpg|manifest))$/;

/** The index that a file is, or is a part of, by its path alone; any number of them may stand in one tree. */
export function indexAt(path: string): PackageIndex | undefined {
  const slash = path.lastIndexOf('/') + 1;
  const folder = path.slice(0, slash);
  const name = path.slice(slash);
  return SHAPES.map((shape) => shape(folder, name)).find((index) => index !== undefined);
}

type Shape = (folder: string, name: string) => PackageIndex | undefined;

const PACKAGES = /^Packages(?:\.(?:gz|xz|zst|bz2|lzma|lz4))?$/;
/** Of all these the ones that can be read come first. */
const PACKAGES_ENDINGS = ['', '.gz', '.xz', '.zst', '.bz2', '.lzma', '.lz4'];
const BELOW_DISTS = /^((?:.*\/)?)dists\/.+\/binary-[^/]+\/$/;

/** apt names files from above `dists/`; opkg, and apt where all stands in one folder, from the index's own folder. */
const control: Shape = (folder, name) => {
  if (!PACKAGES.test(name)) return undefined;
  const path = `${folder}Packages`;
  return {
    path,
    format: 'deb',
    reader: 'control',
    files: PACKAGES_ENDINGS.map((ending) => path + ending),
    base: BELOW_DISTS.exec(folder)?.[1] ?? folder,
  };
};

const apk: Shape = (folder, name) => {
  const path = folder + name;
  if (name === 'APKINDEX.tar.gz') return { path, format: 'apk', reader: 'apkindex', files: [path], base: folder };
  return /^(?:packages|APKINDEX)\.adb$/.test(name)
    ? { path, format: 'apk', reader: 'adb', files: [path], base: folder }
    : undefined;
};

/** What is read besides is a part of it, so that it is read again when only that changed. */
const rpm: Shape = (folder, name) => {
  if (!/(?:^|\/)repodata\/$/.test(folder) || !/^repomd\.xml$|primary\.xml/.test(name)) return undefined;
  const path = `${folder}repomd.xml`;
  return { path, format: 'rpm', reader: 'rpm', files: [path], base: folder.slice(0, -'repodata/'.length) };
};

const composer: Shape = (folder, name) => {
  if (!name.endsWith('.json')) return undefined;
  const oneVendor = /^((?:.*\/)?)p2\/[^/]+\/$/.exec(folder)?.[1];
  if (oneVendor !== undefined) return composerIndex(folder + name, oneVendor);
  if (name === 'packages.json') return composerIndex(folder + name, folder);
  const included = /^((?:.*\/)?)(?:include|p|p\/[^/]+)\/$/.exec(folder)?.[1];
  return included === undefined ? undefined : composerIndex(`${included}packages.json`, included);
};

const composerIndex = (path: string, base: string): PackageIndex => ({
  path,
  format: 'composer',
  reader: 'composer',
  files: [path],
  base,
});

const PYPI_FILES = ['index.v1_json', 'index.json', 'index.html', 'index.v1_html'];

const pypi: Shape = (folder, name) => {
  if (!PYPI_FILES.includes(name) || !/(?:^|\/)simple\/[^/]+\/$/.test(folder)) return undefined;
  const files = PYPI_FILES.map((file) => folder + file);
  return { path: `${folder}index.html`, format: 'pypi', reader: 'pypi', files, base: folder };
};

const SHAPES: readonly Shape[] = [control, apk, rpm, composer, pypi];
