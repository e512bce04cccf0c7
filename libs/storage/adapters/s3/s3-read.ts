import { Readable } from 'node:stream';

import { GetObjectCommand, type GetObjectCommandOutput } from '@aws-sdk/client-s3';

import { AppError } from '#libs/kernel/errors.js';

import { rangeWithin } from '../../byte-range.js';
import { type ByteRange } from '../../disk.js';
import { type ObjectKey } from '../../object-key.js';
import { type S3Bucket } from './s3-bucket.js';
import { isMissing, S3Error, s3Failure } from './s3-failure.js';

/** Answers that break off are gone on with, as long as each brings something. */
const BREAKS = 10;

/**
 * The bytes of an object, or of a range of it. A connection that breaks is replaced by another one that goes on where it
 * broke, of the very same content; whoever lets go of the stream ends the request.
 */
export async function readS3Object(bucket: S3Bucket, key: ObjectKey, range?: ByteRange): Promise<Readable> {
  const wanted = rangeWithin(Infinity, range) ?? { start: 0, end: Infinity };
  const ending = new AbortController();
  const first = await answer(bucket, key, wanted, ending.signal);
  if (first === undefined) return Readable.from([]);
  const pieces = piecesOf({ bucket, key, wanted, signal: ending.signal }, first);
  const body = Readable.from(pieces, { objectMode: false });
  body.once('close', () => {
    ending.abort();
  });
  return body;
}

interface Reading {
  readonly bucket: S3Bucket;
  readonly key: ObjectKey;
  readonly wanted: ByteRange;
  readonly signal: AbortSignal;
}

async function* piecesOf(reading: Reading, first: GetObjectCommandOutput): AsyncGenerator<Buffer> {
  const { bucket, key, wanted, signal } = reading;
  let current: GetObjectCommandOutput | undefined = first;
  let at = wanted.start;
  const end = at + (first.ContentLength ?? Infinity);
  for (let breaks = 0; current !== undefined;) {
    const before = at;
    try {
      for await (const chunk of current.Body as Readable) {
        at += (chunk as Buffer).length;
        yield chunk as Buffer;
      }
      if (at >= end || end === Infinity) return;
    } catch (error) {
      breaks += 1;
      if (signal.aborted || at === before || breaks > BREAKS) throw s3Failure(error, `read "${key}"`, bucket.name);
    }
    current = await answer(bucket, key, { start: at, end: wanted.end }, signal, first.ETag);
  }
  throw new AppError('unavailable', 'DISK_FAILED', `"${key}" ended before all of it was read.`, {
    hint: 'It was replaced or cut while it was read; try again.',
  });
}

/** `undefined` when the object has nothing of the range. */
async function answer(
  { client, name }: S3Bucket,
  key: ObjectKey,
  { start, end }: ByteRange,
  signal: AbortSignal,
  etag?: string,
): Promise<GetObjectCommandOutput | undefined> {
  const whole = start === 0 && end === Infinity;
  const range = whole ? {} : { Range: `bytes=${String(start)}-${end === Infinity ? '' : String(end)}` };
  const same = etag === undefined ? {} : { IfMatch: etag };
  try {
    return await client.send(new GetObjectCommand({ Bucket: name, Key: key, ...range, ...same }), {
      abortSignal: signal,
    });
  } catch (error) {
    if (isMissing(error)) throw new AppError('not-found', 'OBJECT_NOT_FOUND', `"${key}" is not on this disk.`);
    if (error instanceof S3Error && error.status === 416) return undefined;
    throw s3Failure(error, `read "${key}"`, name);
  }
}
