/** A package as it stands in an index of apk 3. */
export interface AdbPackage {
  readonly name: string;
  readonly version: string;
  readonly arch: string;
  readonly size: number;
}

/**
 * Writes an index in apk 3's format as apk-tools' `src/adb.c` does: values first, then those that point at them, the
 * root's word in the header. It shares nothing with the reader.
 */
export function writeAdbIndex(packages: readonly AdbPackage[], fileNames?: string): Buffer {
  const data = new AdbData();
  const items = packages.map(({ name, version, arch, size }) => {
    const fields = new Array<number>(13).fill(0);
    fields[0] = data.blob(name);
    fields[1] = data.blob(version);
    fields[4] = data.blob(arch);
    fields[12] = data.int(size);
    return data.slots(0xe0000000, fields);
  });
  const root = [data.blob('a description'), data.slots(0xd0000000, items)];
  if (fileNames !== undefined) root.push(data.blob(fileNames));
  const body = data.finish(data.slots(0xe0000000, root));
  const block = Buffer.alloc(4);
  block.writeUInt32LE(body.length + 4, 0); // type 0 in the upper two bits
  const signature = Buffer.alloc(40, 7);
  signature.writeUInt32LE(((1 << 30) | 40) >>> 0, 0);
  const padding = Buffer.alloc((8 - ((body.length + 4) % 8)) % 8);
  return Buffer.concat([Buffer.from('ADB.indx', 'latin1'), block, body, padding, signature]);
}

class AdbData {
  private bytes = Buffer.alloc(8); // two versions, two bytes of padding, the root

  finish(root: number): Buffer {
    this.bytes.writeUInt32LE(root, 4);
    return this.bytes;
  }

  blob(text: string): number {
    const content = Buffer.from(text, 'utf8');
    const wide = content.length > 255;
    const length = Buffer.alloc(wide ? 2 : 1);
    length.writeUIntLE(content.length, 0, length.length);
    return ((wide ? 0x90000000 : 0x80000000) + this.append(Buffer.concat([length, content]), wide ? 2 : 1)) >>> 0;
  }

  int(value: number): number {
    if (value < 0x10000000) return (0x10000000 + value) >>> 0;
    const word = Buffer.alloc(4);
    word.writeUInt32LE(value, 0);
    return (0x20000000 + this.append(word, 4)) >>> 0;
  }

  /** An object or an array, as its type says; the first slot counts them all. */
  slots(type: number, values: readonly number[]): number {
    const words = Buffer.alloc(4 * (values.length + 1));
    [values.length + 1, ...values].forEach((value, index) => words.writeUInt32LE(value, 4 * index));
    return (type + this.append(words, 4)) >>> 0;
  }

  private append(part: Buffer, alignment: number): number {
    const at = Math.ceil(this.bytes.length / alignment) * alignment;
    this.bytes = Buffer.concat([this.bytes, Buffer.alloc(at - this.bytes.length), part]);
    return at;
  }
}
