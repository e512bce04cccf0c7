// Writers for the three containers that .ipk and .deb are made of, just enough for the example packages.
import { gzipSync } from 'node:zlib';

const BLOCK = 512;
const octal = (value, width) => `${value.toString(8).padStart(width - 1, '0')}\0`;
const padded = (bytes) => Buffer.concat([bytes, Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK)]);

/**
 * A ustar archive (POSIX.1-1988).
 *
 * @param {{ name: string, body?: Buffer | string, mode?: number }[]} entries a name that ends in `/` is a folder
 * @param {number} mtime seconds since 1970
 */
export function tar(entries, mtime) {
  const records = entries.map(({ name, body = '', mode }) => {
    const bytes = Buffer.from(body);
    const folder = name.endsWith('/');
    const header = Buffer.alloc(BLOCK);
    header.write(name, 0, 100);
    header.write(octal(mode ?? (folder ? 0o755 : 0o644), 8), 100);
    header.write(octal(0, 8), 108);
    header.write(octal(0, 8), 116);
    header.write(octal(bytes.length, 12), 124);
    header.write(octal(mtime, 12), 136);
    header.write(' '.repeat(8), 148);
    header.write(folder ? '5' : '0', 156);
    header.write('ustar\u000000', 257);
    header.write('root', 265);
    header.write('root', 297);
    header.write(
      `${header
        .reduce((sum, byte) => sum + byte, 0)
        .toString(8)
        .padStart(6, '0')}\0 `,
      148,
    );
    return Buffer.concat([header, padded(bytes)]);
  });
  return Buffer.concat([...records, Buffer.alloc(2 * BLOCK)]);
}

export const tarGz = (entries, mtime) => gzipSync(tar(entries, mtime), { level: 9 });

/** A Unix `ar` archive, as deb(5) wants it. */
export function ar(members, mtime) {
  const parts = members.map(({ name, body }) => {
    const fields = [name.padEnd(16), String(mtime).padEnd(12), '0'.padEnd(6), '0'.padEnd(6), '100644'.padEnd(8)];
    const header = Buffer.from(`${fields.join('')}${String(body.length).padEnd(10)}\`\n`);
    return Buffer.concat([header, body, Buffer.alloc(body.length % 2, '\n')]);
  });
  return Buffer.concat([Buffer.from('!<arch>\n'), ...parts]);
}
