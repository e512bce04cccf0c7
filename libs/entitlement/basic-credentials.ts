import { isUtf8 } from 'node:buffer';

import { type SystemId } from '#libs/kernel/ids.js';

/** What HTTP Basic carries, before it is known which edition it is for. */
export interface BasicCredentials {
  readonly systemId: SystemId;
  readonly secret: string;
}

const MAX_ID = 256;
const MAX_SECRET = 512; // bytes: no client sends more
const MAX_HEADER = 1_100; // 'Basic ' and the Base64 of both with their colon
const SCHEME = /^basic +/i;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const CONTROL = /\p{Cc}/u;

/**
 * Parses an `Authorization` header as RFC 7617 has it, in UTF-8 and strictly: whatever is not exactly id, colon and
 * secret is `undefined` and asks no authority (trust T-118). The secret may hold colons.
 */
export function basicCredentials(header: string | undefined): BasicCredentials | undefined {
  const bytes = header === undefined || header.length > MAX_HEADER ? undefined : decoded(header);
  if (bytes === undefined) return undefined;
  const colon = bytes.indexOf(0x3a);
  const secretLength = bytes.length - colon - 1;
  if (colon < 1 || colon > MAX_ID || secretLength < 1 || secretLength > MAX_SECRET) return undefined;
  return withoutControls(bytes.toString('utf8', 0, colon), bytes.toString('utf8', colon + 1));
}

function decoded(header: string): Buffer | undefined {
  const scheme = SCHEME.exec(header)?.[0];
  const encoded = header.slice(scheme?.length);
  if (scheme === undefined || !BASE64.test(encoded)) return undefined;
  const bytes = Buffer.from(encoded, 'base64');
  return isUtf8(bytes) ? bytes : undefined;
}

function withoutControls(id: string, secret: string): BasicCredentials | undefined {
  return CONTROL.test(id) || CONTROL.test(secret) ? undefined : { systemId: id as SystemId, secret };
}

/** The header that presents these credentials, as the bytes of its UTF-8 text. */
export const basicHeader = ({ systemId, secret }: BasicCredentials): string =>
  `Basic ${Buffer.from(`${systemId}:${secret}`).toString('base64')}`;
