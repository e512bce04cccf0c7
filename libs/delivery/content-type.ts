import { contentType as typeOfExtension } from 'mime-types';

const OCTETS = 'application/octet-stream';
const TEXT = 'text/plain; charset=utf-8';

/** Formats of packages and indexes that the list of registered types does not know, or takes for something else. */
const OURS: Readonly<Record<string, string>> = {
  apk: OCTETS, // Alpine's and OpenWrt's; the list means Android's
  adb: OCTETS,
  deb: 'application/vnd.debian.binary-package',
  udeb: 'application/vnd.debian.binary-package',
  ipk: OCTETS,
  rpm: 'application/x-rpm',
  sig: OCTETS,
  whl: OCTETS,
  zst: 'application/zstd',
  lz4: OCTETS,
  manifest: TEXT,
};

/** Files without an extension that are text all the same. */
const TEXTS: ReadonlySet<string> = new Set(['Packages', 'Sources', 'Release', 'InRelease', 'README', 'SHA256SUMS']);

/** What a browser would run as our own page. It is shown to people as a download; clients do not mind. */
const ACTIVE = /^(?:text\/html|image\/svg\+xml|application\/xhtml\+xml|application\/xml)\b/;

/** The type of a file by its name alone. A compressed file is what it is: nothing is ever unpacked on the way. */
export function contentTypeOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const dot = name.lastIndexOf('.');
  if (dot < 1) return TEXTS.has(name) ? TEXT : OCTETS;
  const extension = name.slice(dot + 1).toLowerCase();
  const ours = Object.hasOwn(OURS, extension) ? OURS[extension] : undefined;
  return ours ?? (typeOfExtension(`x.${extension}`) || OCTETS);
}

export const isActive = (contentType: string): boolean => ACTIVE.test(contentType);
