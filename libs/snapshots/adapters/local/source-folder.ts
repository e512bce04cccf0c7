import { isUtf8 } from 'node:buffer';
import { readdirSync, realpathSync, statSync, type Dirent } from 'node:fs';

import { byBytes } from '#libs/kernel/byte-order.js';
import { systemCode } from '#libs/kernel/system-code.js';

import { onSource, sourceRefused } from './source-failure.js';

/** What stands in a folder of the source, links resolved. */
export interface SourceEntry {
  readonly name: string;
  readonly kind: 'file' | 'folder';
  /** Where it really stands. */
  readonly real: string;
  readonly linked: boolean;
}

/**
 * The entries of a folder in the order in which their paths stand in a manifest.
 *
 * @param root the published folder; links may not lead out of it (trust T-72)
 * @param real where the folder stands
 * @param path as a manifest names it, for error messages
 */
export function readSourceFolder(root: string, real: string, path: string): readonly SourceEntry[] {
  const entries = onSource(path, () => readdirSync(real, { withFileTypes: true }));
  for (const { name } of entries) if (name.includes('\ufffd')) refuseInvalidNames(real, path);
  const found = entries.map((entry) => entryOf(root, entry, `${real}/${entry.name}`, pathIn(path, entry.name)));
  refuseCollisions(found, path);
  return sorted(found);
}

export const pathIn = (folder: string, name: string): string => (folder === '' ? name : `${folder}/${name}`);

export const isInside = (root: string, real: string): boolean => real === root || real.startsWith(`${root}/`);

function entryOf(root: string, entry: Dirent, real: string, path: string): SourceEntry {
  if (CONTROL.test(entry.name)) throw sourceRefused(path, 'has a control character in its name');
  if (entry.isFile()) return { name: entry.name, kind: 'file', real, linked: false };
  if (entry.isDirectory()) return { name: entry.name, kind: 'folder', real, linked: false };
  if (entry.isSymbolicLink()) return followed(root, entry.name, real, path);
  throw sourceRefused(path, 'is neither a file, a folder nor a link');
}

// eslint-disable-next-line no-control-regex -- no list, log or URL can carry them (trust T-35)
const CONTROL = /[\x00-\x1f\x7f-\x9f]/;

function followed(root: string, name: string, link: string, path: string): SourceEntry {
  const real = targetOf(link, path);
  if (!isInside(root, real)) throw sourceRefused(path, 'is a link that leads out of the published folder');
  const state = onSource(path, () => statSync(real));
  if (state.isFile()) return { name, kind: 'file', real, linked: true };
  if (state.isDirectory()) return { name, kind: 'folder', real, linked: true };
  throw sourceRefused(path, 'is a link to neither a file nor a folder');
}

function targetOf(link: string, path: string): string {
  try {
    return realpathSync.native(link);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') throw sourceRefused(path, 'is a link that leads nowhere', error);
    if (systemCode(error) === 'ELOOP') throw sourceRefused(path, 'is a link that leads in a circle', error);
    throw sourceRefused(path, 'is a link that cannot be followed', error);
  }
}

/** Node replaces bytes that are not UTF-8, so that two such names would become one (trust T-35). */
function refuseInvalidNames(real: string, path: string): void {
  for (const name of onSource(path, () => readdirSync(real, { encoding: 'buffer' }))) {
    if (!isUtf8(name)) throw sourceRefused(pathIn(path, name.toString('latin1')), 'has a name that is not valid UTF-8');
  }
}

/** Names that only some file systems, or people, can tell apart (trust T-34). */
function refuseCollisions(entries: readonly SourceEntry[], path: string): void {
  if (!entries.some(({ name }) => HAS_OTHER_FORMS.test(name))) return;
  const seen = new Map<string, string>();
  for (const { name } of entries) {
    const folded = name.normalize('NFC').toLowerCase();
    const other = seen.get(folded);
    if (other !== undefined) {
      throw sourceRefused(pathIn(path, name), `differs from "${other}" only in case or Unicode form`);
    }
    seen.set(folded, name);
  }
}

const HAS_OTHER_FORMS = /[A-Z\u0080-\uffff]/;
const BEYOND_SURROGATES = /[\ud800-\uffff]/;

/** A folder sorts with its slash, since "a.b" stands before "a/b". */
function sorted(entries: readonly SourceEntry[]): readonly SourceEntry[] {
  const keys = new Map(entries.map((entry) => [entry.kind === 'folder' ? `${entry.name}/` : entry.name, entry]));
  const names = [...keys.keys()];
  // Plain sorting is ten times faster, and wrong for these alone.
  const ordered = names.some((name) => BEYOND_SURROGATES.test(name)) ? names.sort(byBytes) : names.sort();
  return ordered.flatMap((name) => keys.get(name) ?? []);
}
