import { createHmac, hash } from 'node:crypto';

import { type S3Settings } from '#libs/config/config.js';
import { SECOND } from '#libs/kernel/duration.js';

import { addressOf, encoded } from './s3-address.js';

/** Which object, what the server is asked to say of it, and how long the link may be followed. */
export interface Link {
  readonly key: string;
  readonly query: Readonly<Record<string, string>>;
  readonly expiresAt: Date;
}

/**
 * A link for `GET` that whoever has it may follow until it expires, signed as AWS describes it (Signature Version 4, query
 * parameters). Made by ourselves, since it is made for every request: nothing is awaited, and the key of the day is kept.
 */
export function presignedUrl(settings: S3Settings, { key, query, expiresAt }: Link, now: Date): URL {
  const { origin, host, path } = addressOf(settings, key);
  const time = now.toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const scope = `${time.slice(0, 8)}/${settings.region}/s3/aws4_request`;
  const seconds = Math.max(1, Math.ceil((expiresAt.getTime() - now.getTime()) / SECOND));
  const parameters = queryText({
    ...query,
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': `${settings.accessKeyId}/${scope}`,
    'X-Amz-Date': time,
    'X-Amz-Expires': String(seconds),
    'X-Amz-SignedHeaders': 'host',
  });
  const request = ['GET', path, parameters, `host:${host}`, '', 'host', 'UNSIGNED-PAYLOAD'].join('\n');
  const text = ['AWS4-HMAC-SHA256', time, scope, hash('sha256', request)].join('\n');
  const signature = createHmac('sha256', keyOf(settings, scope)).update(text).digest('hex');
  return new URL(`${origin}${path}?${parameters}&X-Amz-Signature=${signature}`);
}

const queryText = (parameters: Readonly<Record<string, string>>): string =>
  Object.entries(parameters)
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .sort()
    .join('&');

const keys = new WeakMap<S3Settings, { readonly scope: string; readonly key: Buffer }>();

/** The same for all links of one day. */
function keyOf(settings: S3Settings, scope: string): Buffer {
  const known = keys.get(settings);
  if (known?.scope === scope) return known.key;
  let key = Buffer.from(`AWS4${settings.secretAccessKey.reveal()}`);
  for (const part of scope.split('/')) key = createHmac('sha256', key).update(part).digest();
  keys.set(settings, { scope, key });
  return key;
}
