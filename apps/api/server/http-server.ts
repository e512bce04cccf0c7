import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';

import { FastifyAdapter } from '@nestjs/platform-fastify';

import { type Config } from '#libs/config/config.js';
import { MINUTE, SECOND } from '#libs/kernel/duration.js';

import { letGoOfStalled } from './let-go-of-stalled.js';
import { beginAnswer, refuseNonsense } from './refuse-connection.js';
import { takeTurns } from './take-turns.js';
import { routeOf } from './targets.js';

/** How long clients may take, and how much they may say (trust T-129, T-136, T-137). */
const LIMITS = {
  /** For all headers. */
  headersTimeout: 10 * SECOND,
  /** For a whole request; those we take have no body to speak of. */
  requestTimeout: 30 * SECOND,
  /** How often the two above are looked at. */
  connectionsCheckingInterval: SECOND,
  /** Longer than the minute that proxies like nginx keep theirs, so that they close first. */
  keepAliveTimeout: 75 * SECOND,
  /** Bytes. */
  maxHeaderSize: 16 * 1024,
  noDelay: true,
};
/** A connection on which nothing moves, in either direction, is closed. */
const IDLE_TIMEOUT = MINUTE;
const MAX_BODY = 64 * 1024;

/** Nothing here reads a body; whatever its type, one of bearable size is let pass. */
export function ignoreBodies(adapter: FastifyAdapter): void {
  const fastify = adapter.getInstance();
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, _body, done) => {
    done(null);
  });
}

/** Sees every request first; true when it has answered. */
export type FirstLook = (request: IncomingMessage, response: ServerResponse) => boolean;

export function httpServer({ trustedProxies }: Config['http'], firstLook: FirstLook): FastifyAdapter {
  return new FastifyAdapter({
    logger: false,
    rewriteUrl: routeOf,
    trustProxy: trustedProxies.length > 0 ? [...trustedProxies] : false,
    bodyLimit: MAX_BODY,
    return503OnClosing: false, // what still arrives while we shut down is answered; the connection then closes
    clientErrorHandler: refuseNonsense,
    serverFactory: (handler: RequestListener): Server => {
      const listener = takeTurns((request, response) => {
        beginAnswer(response);
        if (!firstLook(request, response)) handler(request, response);
      });
      const server = createServer(LIMITS, listener);
      letGoOfStalled(server, IDLE_TIMEOUT);
      server.maxHeadersCount = 0; // else Node hides those beyond a count from us; their size is limited above
      return server;
    },
  });
}
