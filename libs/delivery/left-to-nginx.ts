import { type AskedFor } from './asked-for.js';

/**
 * What our nginx says of itself in each request. Without it somebody has come past nginx, and would take an answer that
 * has no content for an empty file.
 */
const NGINX_SENDS = 'X-Accel-Redirect';

/** nginx looks at these itself, before it knows our tag and our time, and would refuse what we have found to hold. */
const MISJUDGED = ['if-match', 'if-unmodified-since'];

/** Ranges of every other form are read in one way by us and in another by nginx. */
const PLAIN_RANGE = /^bytes=(?:\d{1,15}-\d{0,15}|-\d{1,15})$/;

/** Whether nginx is there to send a file, and will make of the request what we make of it. */
export function isLeftToNginx({ method, headers }: AskedFor): boolean {
  const range = headers['range'] ?? 'bytes=0-';
  return (
    method === 'GET' &&
    headers['x-sendfile-type'] === NGINX_SENDS &&
    MISJUDGED.every((name) => headers[name] === undefined) &&
    typeof range === 'string' &&
    PLAIN_RANGE.test(range)
  );
}
