import { Readable } from 'node:stream';

import { byBytes } from '#libs/kernel/byte-order.js';
import { systemClock, type Clock } from '#libs/kernel/clock.js';
import { AppError } from '#libs/kernel/errors.js';

import { rangeWithin } from '../byte-range.js';
import { type ByteRange, type Disk, type ObjectInfo } from '../disk.js';
import { keyTaken } from '../disk-failure.js';
import { asKey, assertSameFolder, type KeyPrefix, type ObjectKey } from '../object-key.js';

interface Stored {
  readonly bytes: Buffer;
  readonly modifiedAt: Date;
}

/** A disk for tests and trials. As strict as a local one about keys, so that nothing passes here and fails there. */
export class MemoryDisk implements Disk {
  private readonly objects = new Map<ObjectKey, Stored>();

  constructor(private readonly clock: Clock = systemClock) {}

  async read(key: ObjectKey, range?: ByteRange): Promise<Readable> {
    const stored = this.objects.get(key);
    if (stored === undefined) throw new AppError('not-found', 'OBJECT_NOT_FOUND', `"${key}" is not on this disk.`);
    const wanted = rangeWithin(stored.bytes.length, range);
    return Readable.from(wanted === undefined ? [] : [stored.bytes.subarray(wanted.start, wanted.end + 1)]);
  }

  async write(key: ObjectKey, body: Readable | Uint8Array): Promise<void> {
    const bytes = await collect(body);
    this.store(key, bytes);
  }

  async writeIfAbsent(key: ObjectKey, body: Readable | Uint8Array): Promise<boolean> {
    const bytes = await collect(body);
    if (this.objects.has(key)) return false;
    this.store(key, bytes);
    return true;
  }

  async stat(key: ObjectKey): Promise<ObjectInfo | undefined> {
    return this.infoOf(key);
  }

  async *list(prefix: KeyPrefix): AsyncGenerator<ObjectInfo> {
    for (const key of this.keysBelow(prefix).sort(byBytes)) {
      const info = this.infoOf(key);
      if (info !== undefined) yield info;
    }
  }

  async *folders(prefix: KeyPrefix): AsyncGenerator<string> {
    const rests = this.keysBelow(prefix).map((key) => key.slice(prefix.length));
    const names = rests.filter((rest) => rest.includes('/')).map((rest) => rest.slice(0, rest.indexOf('/')));
    yield* [...new Set(names)].sort(byBytes);
  }

  async touch(key: ObjectKey): Promise<boolean> {
    const stored = this.objects.get(key);
    if (stored !== undefined) this.objects.set(key, { ...stored, modifiedAt: this.clock.now() });
    return stored !== undefined;
  }

  async remove(key: ObjectKey): Promise<void> {
    this.objects.delete(key);
  }

  async removeAll(prefix: KeyPrefix): Promise<void> {
    if (prefix === '') throw new AppError('invalid', 'INVALID_OBJECT_KEY', 'The whole disk cannot be removed.');
    for (const key of this.keysBelow(prefix)) this.objects.delete(key);
  }

  async removeEmpty(): Promise<void> {
    // there are no folders
  }

  async moveAll(from: KeyPrefix, to: KeyPrefix): Promise<boolean> {
    assertSameFolder(from, to);
    const moving = this.keysBelow(from);
    if (moving.length > 0 && this.keysBelow(to).length > 0) throw keyTaken(asKey(to), 'others stand below it');
    for (const key of moving) {
      const stored = this.objects.get(key);
      if (stored) this.objects.set(`${to}${key.slice(from.length)}` as ObjectKey, stored);
      this.objects.delete(key);
    }
    return moving.length > 0;
  }

  temporaryUrl(): undefined {
    return undefined;
  }

  localPath(): undefined {
    return undefined;
  }

  async freeBytes(): Promise<undefined> {
    return undefined;
  }

  private store(key: ObjectKey, bytes: Buffer): void {
    const folders = key.split('/').map((_, depth, segments) => segments.slice(0, depth).join('/') as ObjectKey);
    const file = folders.find((folder) => this.objects.has(folder));
    if (file !== undefined) throw keyTaken(key, `"${file}" is a file`);
    for (const other of this.objects.keys()) {
      if (other.startsWith(`${key}/`)) throw keyTaken(key, 'others stand below it');
    }
    this.objects.set(key, { bytes, modifiedAt: this.clock.now() });
  }

  private keysBelow(prefix: KeyPrefix): ObjectKey[] {
    return [...this.objects.keys()].filter((key) => key.startsWith(prefix));
  }

  private infoOf(key: ObjectKey): ObjectInfo | undefined {
    const stored = this.objects.get(key);
    return stored && { key, size: stored.bytes.length, modifiedAt: stored.modifiedAt };
  }
}

async function collect(body: Readable | Uint8Array): Promise<Buffer> {
  if (body instanceof Uint8Array) return Buffer.from(body);
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks);
}
