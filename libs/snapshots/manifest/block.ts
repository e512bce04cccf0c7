import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib';

import { manifestRefused } from './manifest-refused.js';

/*
 * A manifest is a gzip file of several members, as RFC 1952 allows: every gunzip reads it as one text. Each member says
 * in its "extra" field how long it is and what it holds, so that members can be told apart without unpacking them, and
 * copied as they are into the next manifest.
 *
 *   1f 8b 08 04  00 00 00 00  00 ff   deflate, extra field, no time, unknown system
 *   08 00  "P" kind  04 00  length    the extra field: one subfield, with the length of what follows it up to the CRC
 *   …deflated text…  CRC-32  size     of the text
 */

/** `H` the header line · `F` lines of files · `T` the trailer line. */
export type BlockKind = 'H' | 'F' | 'T';

export interface Block {
  readonly kind: BlockKind;
  /** The whole member as it lies in the file. */
  readonly bytes: Buffer;
}

const HEAD = Buffer.from([0x1f, 0x8b, 0x08, 0x04, 0, 0, 0, 0, 0, 0xff, 8, 0, 0x50, 0, 4, 0]);
const KIND_AT = 13;
const HEAD_LENGTH = HEAD.length + 4;
const TAIL_LENGTH = 8;

/** 512 ordinary lines have 110 KiB and the longest possible ones 1.7 MiB; no bomb gets beyond this (trust T-74). */
const MAX_BLOCK_TEXT = 4 << 20;

export const packBlock = (kind: BlockKind, text: string): Block => {
  const bytes = Buffer.from(text);
  // Level 1 packs a manifest to within 3 % of level 6 in a quarter of the time: hashes do not compress.
  return member(kind, bytes, deflateRawSync(bytes, { level: 1 }));
};

/** Packs into exactly one form, whatever zlib is there: for what a reader compares byte by byte. */
export function storeBlock(kind: BlockKind, text: string): Block {
  const bytes = Buffer.from(text);
  const stored = Buffer.alloc(5 + bytes.length);
  stored.writeUInt8(1);
  stored.writeUInt16LE(bytes.length, 1);
  stored.writeUInt16LE(bytes.length ^ 0xffff, 3);
  bytes.copy(stored, 5);
  return member(kind, bytes, stored);
}

/** The blocks of a file one after the other. @throws AppError `MANIFEST_REFUSED` at what is not a whole block */
export function* splitBlocks(file: Buffer): Generator<Block> {
  for (let at = 0; at < file.length;) {
    const block = blockAt(file, at);
    yield block;
    at += block.bytes.length;
  }
}

/** @throws AppError `MANIFEST_REFUSED` when the text is not what was packed, or is too long */
export function unpackBlock({ bytes }: Block): string {
  const text = inflate(bytes.subarray(HEAD_LENGTH, -TAIL_LENGTH));
  const sound =
    text.length === bytes.readUInt32LE(bytes.length - 4) && crc32(text) === bytes.readUInt32LE(bytes.length - 8);
  if (!sound) throw manifestRefused('a block of it does not match its checksum');
  return text.toString('utf8');
}

function member(kind: BlockKind, text: Buffer, deflated: Buffer): Block {
  const bytes = Buffer.allocUnsafe(HEAD_LENGTH + deflated.length + TAIL_LENGTH);
  HEAD.copy(bytes);
  bytes.write(kind, KIND_AT, 'latin1');
  bytes.writeUInt32LE(deflated.length, HEAD.length);
  deflated.copy(bytes, HEAD_LENGTH);
  bytes.writeUInt32LE(crc32(text), bytes.length - 8);
  bytes.writeUInt32LE(text.length, bytes.length - 4);
  return { kind, bytes };
}

function blockAt(file: Buffer, at: number): Block {
  const kind = file.toString('latin1', at + KIND_AT, at + KIND_AT + 1);
  if (file.length - at < HEAD_LENGTH || !isKind(kind) || !startsAsBlock(file, at)) {
    throw manifestRefused('it is not made of whole blocks');
  }
  const end = at + HEAD_LENGTH + file.readUInt32LE(at + HEAD.length) + TAIL_LENGTH;
  if (end > file.length) throw manifestRefused('it is cut off');
  return { kind, bytes: file.subarray(at, end) };
}

const startsAsBlock = (file: Buffer, at: number): boolean =>
  file.compare(HEAD, 0, KIND_AT, at, at + KIND_AT) === 0 &&
  file.compare(HEAD, KIND_AT + 1, HEAD.length, at + KIND_AT + 1, at + HEAD.length) === 0;

const isKind = (text: string): text is BlockKind => text === 'H' || text === 'F' || text === 'T';

function inflate(deflated: Buffer): Buffer {
  try {
    return inflateRawSync(deflated, { maxOutputLength: MAX_BLOCK_TEXT });
  } catch (error) {
    throw manifestRefused('a block of it cannot be unpacked', error);
  }
}
