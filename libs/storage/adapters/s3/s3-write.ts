import { hash, randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';

import { HeadObjectCommand, PutObjectCommand, type HeadObjectCommandOutput } from '@aws-sdk/client-s3';

import { AppError } from '#libs/kernel/errors.js';

import { type ObjectKey } from '../../object-key.js';
import { parted } from './body-parts.js';
import { type S3Bucket } from './s3-bucket.js';
import { conditionally } from './s3-condition.js';
import { isMissing, isRefusedByCondition, S3Error, s3Failure } from './s3-failure.js';
import { removeS3Object } from './s3-remove.js';
import { PART_BYTES, uploadInParts, type Sent, type Upload } from './s3-multipart.js';

/** What an object says of who wrote it, so that a writer knows its own after an answer got lost (trust T-91). */
const WRITER = 'parceler-writer';
/** Of a body that we have in memory, when what is stored is not what was sent, or nobody won a race. */
const TRIES = 3;

type Send = (upload: Upload) => Promise<Sent>;
type Outcome = 'written' | 'taken' | 'wrong';

interface Write {
  readonly bucket: S3Bucket;
  readonly key: ObjectKey;
  readonly ifAbsent: boolean;
}

/**
 * Writes an object, and looks whether it is there as it should be (trust T-92). False when `ifAbsent` was asked for and
 * there was one already: on a server that knows no such condition, when it was there before we began.
 */
export async function writeS3Object(write: Write, body: Readable | Uint8Array): Promise<boolean> {
  try {
    if (write.ifAbsent && (await headOf(write.bucket, write.key)) !== undefined) return false;
    const content = await parted(body, PART_BYTES);
    return Buffer.isBuffer(content)
      ? await written(write, TRIES, (upload) => putAtOnce(write.bucket, upload, content))
      : await written(write, 1, (upload) => uploadInParts(write.bucket, upload, content));
  } catch (error) {
    throw error instanceof S3Error ? s3Failure(error, `write "${write.key}"`, write.bucket.name) : error;
  } finally {
    if (body instanceof Readable) body.destroy(); // one that nobody reads would keep its file open
  }
}

/** What is known of an object, `undefined` when there is none. */
export async function headOf({ client, name }: S3Bucket, key: ObjectKey): Promise<HeadObjectCommandOutput | undefined> {
  try {
    return await client.send(new HeadObjectCommand({ Bucket: name, Key: key }));
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw s3Failure(error, `look for "${key}"`, name);
  }
}

async function written(write: Write, tries: number, send: Send): Promise<boolean> {
  for (let left = tries; left > 0; left -= 1) {
    const outcome = await attempt(write, send);
    if (outcome !== 'wrong') return outcome === 'written';
  }
  throw new AppError('unavailable', 'DISK_FAILED', `"${write.key}" is not on the S3 server as it was sent there.`, {
    hint: 'It is not used. Look at the server, and at what stands between it and us.',
  });
}

async function attempt(write: Write, send: Send): Promise<Outcome> {
  const { bucket, key } = write;
  const writer = randomUUID();
  const sent = await sendAs(writer, write, send);
  const outcome = outcomeOf(sent, await headOf(bucket, key), { ...write, writer });
  // Nobody may take it for whole.
  if (outcome === 'wrong' && sent !== 'refused') await removeS3Object(bucket, key);
  return outcome;
}

function outcomeOf(
  sent: Sent | 'refused',
  found: HeadObjectCommandOutput | undefined,
  { writer, ifAbsent }: { readonly writer: string; readonly ifAbsent: boolean },
): Outcome {
  if (found === undefined) return 'wrong';
  const isOurs = found.Metadata?.[WRITER] === writer;
  if (sent === 'refused') return isOurs ? 'written' : 'taken';
  if (isOurs) return isAsSent(found, sent) ? 'written' : 'wrong';
  return ifAbsent ? 'taken' : 'written'; // and replaced since, by another writer
}

/** `refused` when the server says that there is an object already: which may be this very one, whose answer got lost. */
async function sendAs(writer: string, { key, ifAbsent }: Write, send: Send): Promise<Sent | 'refused'> {
  const upload = { key, metadata: { [WRITER]: writer } };
  if (!ifAbsent) return send({ ...upload, condition: {} });
  try {
    return await send({ ...upload, condition: { IfNoneMatch: '*' } });
  } catch (error) {
    if (isRefusedByCondition(error)) return 'refused';
    throw error;
  }
}

async function putAtOnce({ client, name }: S3Bucket, { key, metadata, condition }: Upload, Body: Buffer): Promise<Sent> {
  const md5 = hash('md5', Body, 'buffer');
  const object = { Bucket: name, Key: key, Body, ContentMD5: md5.toString('base64'), Metadata: metadata };
  const { ETag } = await conditionally(condition, (accepted) =>
    client.send(new PutObjectCommand({ ...object, ...accepted })),
  );
  return { size: Body.length, etag: md5.toString('hex'), answered: ETag };
}

/** Encrypted objects may have an ETag that tells nothing of their bytes; those the server has checked when it got them. */
function isAsSent({ ContentLength, ETag = '', ServerSideEncryption }: HeadObjectCommandOutput, sent: Sent): boolean {
  if (ContentLength !== sent.size) return false;
  return ETag.replaceAll('"', '') === sent.etag || (ServerSideEncryption !== undefined && ETag === sent.answered);
}
