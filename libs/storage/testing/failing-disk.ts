import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';

import { AppError } from '#libs/kernel/errors.js';

import { type ByteRange, type Disk, type ObjectInfo, type TemporaryUrlTerms } from '../disk.js';
import { type KeyPrefix, type ObjectKey } from '../object-key.js';

export type DiskMethod = Exclude<keyof Disk, 'localPath' | 'temporaryUrl'>;

export interface Fault {
  /**
   * - `before` (default): the call rejects, nothing was done.
   * - `after`: it was done, but the answer is an error, as when the connection breaks.
   * - `half`: a write fails in the middle of its body; a read or a list breaks off in the middle with the error (T-28).
   * - `torn`: a write leaves the first half under the key and rejects: what a disk that breaks its promise would do.
   * - `corrupt`: a read answers with one bit changed and no error (T-29).
   */
  readonly kind?: 'before' | 'after' | 'half' | 'torn' | 'corrupt';
  /** Every later call fails as well. */
  readonly sticky?: boolean;
  readonly error?: Error;
}

export interface DiskCall {
  readonly method: DiskMethod;
  readonly name: string;
}

/** A disk whose nth call of a method goes wrong; `any` counts the calls of all methods together. */
export interface FailingDisk extends Disk {
  readonly calls: readonly DiskCall[];
  /** Whether the fault has come up. A test that raises n until this stays false has tried every call. */
  readonly failed: boolean;
}

export function failingDisk(disk: Disk, method: DiskMethod | 'any', nth: number, fault: Fault = {}): FailingDisk {
  return new FaultyDisk(disk, { method, nth, ...fault });
}

type Plan = Fault & { readonly method: DiskMethod | 'any'; readonly nth: number };

class FaultyDisk implements FailingDisk {
  readonly calls: DiskCall[] = [];
  failed = false;
  private seen = 0;

  constructor(
    private readonly disk: Disk,
    private readonly plan: Plan,
  ) {}

  async read(key: ObjectKey, range?: ByteRange): Promise<Readable> {
    const kind = this.faultOf('read', key);
    if (kind === undefined) return this.disk.read(key, range);
    if (kind === 'before' || kind === 'after') throw this.error();
    const bytes = await buffer(await this.disk.read(key, range));
    return Readable.from(kind === 'corrupt' ? [withOneBitChanged(bytes)] : brokenOff(halfOf(bytes), this.error()));
  }

  write(key: ObjectKey, body: Readable | Uint8Array): Promise<void> {
    return this.store('write', key, body, (content) => this.disk.write(key, content));
  }

  writeIfAbsent(key: ObjectKey, body: Readable | Uint8Array): Promise<boolean> {
    return this.store('writeIfAbsent', key, body, (content) => this.disk.writeIfAbsent(key, content));
  }

  stat(key: ObjectKey): Promise<ObjectInfo | undefined> {
    return this.call('stat', key, () => this.disk.stat(key));
  }

  list(prefix: KeyPrefix): AsyncIterable<ObjectInfo> {
    return this.iterate('list', prefix, this.disk.list(prefix));
  }

  folders(prefix: KeyPrefix): AsyncIterable<string> {
    return this.iterate('folders', prefix, this.disk.folders(prefix));
  }

  touch(key: ObjectKey): Promise<boolean> {
    return this.call('touch', key, () => this.disk.touch(key));
  }

  remove(key: ObjectKey): Promise<void> {
    return this.call('remove', key, () => this.disk.remove(key));
  }

  removeAll(prefix: KeyPrefix): Promise<void> {
    return this.call('removeAll', prefix, () => this.disk.removeAll(prefix));
  }

  removeEmpty(prefix: KeyPrefix): Promise<void> {
    return this.call('removeEmpty', prefix, () => this.disk.removeEmpty(prefix));
  }

  get moveAll(): Disk['moveAll'] {
    const { disk } = this;
    if (disk.moveAll === undefined) return undefined;
    return (from, to) => this.call('moveAll', from, async () => (await disk.moveAll?.(from, to)) === true);
  }

  temporaryUrl(key: ObjectKey, terms: TemporaryUrlTerms): URL | undefined {
    return this.disk.temporaryUrl(key, terms);
  }

  localPath(key: ObjectKey): string | undefined {
    return this.disk.localPath(key);
  }

  freeBytes(): Promise<number | undefined> {
    return this.call('freeBytes', '', () => this.disk.freeBytes());
  }

  private async call<T>(method: DiskMethod, name: string, work: () => Promise<T>): Promise<T> {
    const kind = this.faultOf(method, name);
    if (kind === undefined) return work();
    if (kind === 'after') await work();
    throw this.error();
  }

  private async store<T>(
    method: DiskMethod,
    key: ObjectKey,
    body: Readable | Uint8Array,
    work: (content: Readable | Uint8Array) => Promise<T>,
  ): Promise<T> {
    const kind = this.faultOf(method, key);
    if (kind === undefined) return work(body);
    const bytes = body instanceof Readable ? await buffer(body) : Buffer.from(body);
    if (kind === 'half') return work(Readable.from(brokenOff(halfOf(bytes), this.error())));
    if (kind === 'torn') await work(halfOf(bytes));
    if (kind === 'after') await work(bytes);
    throw this.error();
  }

  private async *iterate<T>(method: DiskMethod, name: string, items: AsyncIterable<T>): AsyncGenerator<T> {
    const kind = this.faultOf(method, name);
    if (kind === 'before') throw this.error();
    let count = 0;
    for await (const item of items) {
      if (kind === 'half' && count === 1) break;
      count += 1;
      yield item;
    }
    if (kind !== undefined) throw this.error();
  }

  private faultOf(method: DiskMethod, name: string): NonNullable<Fault['kind']> | undefined {
    this.calls.push({ method, name });
    if (this.plan.method !== 'any' && this.plan.method !== method) return undefined;
    this.seen += 1;
    const due = this.plan.sticky === true ? this.seen >= this.plan.nth : this.seen === this.plan.nth;
    if (!due) return undefined;
    this.failed = true;
    return this.plan.kind ?? 'before';
  }

  private error(): Error {
    return this.plan.error ?? new AppError('unavailable', 'DISK_FAILED', 'The disk was told to fail.');
  }
}

const halfOf = (bytes: Buffer): Buffer => bytes.subarray(0, Math.floor(bytes.length / 2));

async function* brokenOff(bytes: Buffer, error: Error): AsyncGenerator<Buffer> {
  if (bytes.length > 0) yield bytes;
  throw error;
}

function withOneBitChanged(bytes: Buffer): Buffer {
  const changed = Buffer.from(bytes);
  const middle = Math.floor(bytes.length / 2);
  if (bytes.length > 0) changed.writeUInt8(changed.readUInt8(middle) ^ 1, middle);
  return changed;
}
