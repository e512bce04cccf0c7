import { type IncomingMessage } from 'node:http';

import { type FastifyRequest } from 'fastify';

import { requestTarget, type FileTarget, type RequestTarget } from '#libs/delivery/request-target.js';
import { type BasicCredentials } from '#libs/entitlement/basic-credentials.js';

/** Where every request goes whose target is not one of `PLAIN_TARGETS`; what it asks for stands in `targetOf`. */
export const FILES_ROUTE = '/files';

/** The routes besides files, by their exact targets. Everything else never meets a router. */
const PLAIN_TARGETS = /^\/(?:up|health\/live|health\/ready|metrics)(?:\?|$)/;

/** A router decodes and matches by rules of its own; the raw target is read by our parser alone (trust 2.9). */
export const routeOf = ({ url = '' }: Pick<IncomingMessage, 'url'>): string => (isPlain(url) ? url : FILES_ROUTE);

export const isPlain = (rawTarget: string): boolean => PLAIN_TARGETS.test(rawTarget);

/** A request for a file, as the controller gets it. */
export interface FileRequest extends FastifyRequest {
  readonly user: BasicCredentials;
}

const targets = new WeakMap<FastifyRequest, RequestTarget>();

/** What the request line asks for; parsed once, so that what is decided is also what is served. */
export function targetOf(request: FastifyRequest): RequestTarget {
  const known = targets.get(request);
  if (known !== undefined) return known;
  const target = requestTarget(request.originalUrl);
  targets.set(request, target);
  return target;
}

/** The target of a request that has passed the early answers. */
export function fileTargetOf(request: FastifyRequest): FileTarget | undefined {
  const target = targetOf(request);
  return target.kind === 'file' ? target : undefined;
}
