import { type FileHash } from './package-index.js';

const LENGTHS: readonly (readonly [FileHash['algorithm'], number])[] = [
  ['sha512', 128],
  ['sha384', 96],
  ['sha256', 64],
  ['sha1', 40],
];

/** A hash that an index states. What has not the form of one is none. */
export function statedHash(algorithm: string, value: string | undefined): FileHash | undefined {
  const known = LENGTHS.find(([name]) => name === (algorithm === 'sha' ? 'sha1' : algorithm));
  const hex = value?.trim().toLowerCase() ?? '';
  if (known === undefined || hex.length !== known[1] || !/^[0-9a-f]+$/.test(hex)) return undefined;
  return { algorithm: known[0], value: hex };
}

/** A size in bytes that an index states as text. */
export function statedSize(text: string | undefined): number | undefined {
  const size = text !== undefined && /^\s*\d+\s*$/.test(text) ? Number(text) : undefined;
  return Number.isSafeInteger(size) ? size : undefined;
}
