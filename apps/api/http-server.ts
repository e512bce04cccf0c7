import { type Socket } from 'node:net';

import { FastifyAdapter } from '@nestjs/platform-fastify';

import { type Config } from '#libs/config/config.js';
import { MINUTE, SECOND } from '#libs/kernel/duration.js';

import { routeOf } from './targets.js';

/** How long clients may take, and how much they may say (trust T-129, T-136, T-137). */
const LIMITS = {
  headersMs: 10 * SECOND,
  /** For a whole request; those we take have no body to speak of. */
  requestMs: 30 * SECOND,
  /** How often the two above are looked at. */
  checkMs: SECOND,
  /** A connection on which nothing moves, in either direction. */
  idleMs: MINUTE,
  /** Longer than the minute that proxies like nginx keep theirs, so that they close first. */
  keepAliveMs: 75 * SECOND,
  headerBytes: 16 * 1024,
  bodyBytes: 64 * 1024,
};

export function httpServer({ trustedProxies }: Config['http']): FastifyAdapter {
  return new FastifyAdapter({
    logger: false,
    rewriteUrl: routeOf,
    trustProxy: trustedProxies.length > 0 ? [...trustedProxies] : false,
    bodyLimit: LIMITS.bodyBytes,
    connectionTimeout: LIMITS.idleMs,
    keepAliveTimeout: LIMITS.keepAliveMs,
    requestTimeout: LIMITS.requestMs,
    return503OnClosing: false, // what still arrives while we shut down is answered; the connection then closes
    clientErrorHandler: refuseNonsense,
    http: {
      maxHeaderSize: LIMITS.headerBytes,
      headersTimeout: LIMITS.headersMs,
      connectionsCheckingInterval: LIMITS.checkMs,
      noDelay: true,
    },
  });
}

const STATUS_LINES: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

/** What is not HTTP gets one answer, and the connection ends: the rest of it must not be taken for another request. */
function refuseNonsense(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET') socket.destroy();
  else refuseConnection(socket, STATUS_LINES[error.code ?? ''] ?? '400 Bad Request');
}

/** Says so once, and hangs up. */
export function refuseConnection(socket: Socket, statusLine: string): void {
  if (socket.writableEnded) return;
  socket.end(`HTTP/1.1 ${statusLine}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy());
}
