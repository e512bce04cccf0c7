/** What is wrong with a file in apk's format, as the end of a sentence about it. */
export class AdbDefect extends Error {}

const VALUES = 0;
const EXTENDED = 3;

/** The type of a value is in the upper four bits of its word, and what it is, or where it stands, in the others. */
const TYPES = { int: 1, int32: 2, int64: 3, blob8: 8, blob16: 9, blob32: 10, array: 13, object: 14 } as const;

/**
 * Reads values of apk 3's binary format, ADB, as apk-tools' `src/adb.h` and `doc/apk-v3.5.scd` define it: words of 32
 * bits, little-endian, that hold a value or where it stands. What points outside of the data is a defect.
 */
export class AdbReader {
  private constructor(private readonly data: Buffer) {}

  /** @param file unpacked, from its `ADB.` on @param schema such as `indx` @throws AdbDefect */
  static open(file: Buffer, schema: string): AdbReader {
    if (file.toString('latin1', 0, 4) !== 'ADB.') throw new AdbDefect('does not begin as an ADB file does');
    if (file.toString('latin1', 4, 8) !== schema) throw new AdbDefect('is an ADB file, but no index');
    return new AdbReader(firstBlock(file.subarray(8)));
  }

  get root(): number {
    return this.word(4);
  }

  text(value: number): string | undefined {
    const size = { [TYPES.blob8]: 1, [TYPES.blob16]: 2, [TYPES.blob32]: 4 }[typeOf(value)];
    if (size === undefined) return undefined;
    const at = placeOf(value);
    const length = this.bytes(at, size).readUIntLE(0, size);
    return this.bytes(at + size, length).toString('utf8');
  }

  int(value: number): number | undefined {
    const type = typeOf(value);
    if (type === TYPES.int) return placeOf(value);
    if (type === TYPES.int32) return this.word(placeOf(value));
    return type === TYPES.int64 ? Number(this.bytes(placeOf(value), 8).readBigUInt64LE(0)) : undefined;
  }

  /** The values of an object's fields or an array's items, from index 1 on; none for another value. */
  slots(value: number): readonly number[] {
    const type = typeOf(value);
    if (type !== TYPES.array && type !== TYPES.object) return [];
    const at = placeOf(value);
    const count = Math.max(1, this.word(at)); // counts itself
    const slots = this.bytes(at, 4 * count);
    return Array.from({ length: count }, (_, index) => slots.readUInt32LE(4 * index));
  }

  private word(at: number): number {
    return this.bytes(at, 4).readUInt32LE(0);
  }

  private bytes(at: number, length: number): Buffer {
    if (at + length > this.data.length) throw new AdbDefect('points outside of its own data');
    return this.data.subarray(at, at + length);
  }
}

const typeOf = (value: number): number => value >>> 28;
const placeOf = (value: number): number => value & 0x0fff_ffff;

/** The file's values. Signatures may follow. */
function firstBlock(blocks: Buffer): Buffer {
  if (blocks.length < 16) throw new AdbDefect('ends before its first block');
  const tag = blocks.readUInt32LE(0);
  const isExtended = tag >>> 30 === EXTENDED;
  const type = isExtended ? tag & 0x3fff_ffff : tag >>> 30;
  const header = isExtended ? 16 : 4;
  const end = isExtended ? Number(blocks.readBigUInt64LE(8)) : tag & 0x3fff_ffff;
  if (type !== VALUES || end < header + 8) throw new AdbDefect('does not begin with its values');
  if (end > blocks.length) throw new AdbDefect('ends in the middle of its first block');
  const data = blocks.subarray(header, end);
  if (data[0] !== 0) throw new AdbDefect('is of a newer kind than this reader knows');
  return data;
}
