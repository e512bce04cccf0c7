import { type IncomingMessage } from 'node:http';

import { type FileTarget } from '#libs/delivery/request-target.js';

/** The one route of all file requests: no target leads a client there, only the front door does. */
export const FILES_ROUTE = '/files';

/** The routes besides files, by their exact targets. Nothing else ever meets a router. */
const PLAIN_TARGETS = /^\/(?:up|health\/live|health\/ready|metrics)(?:\?|$)/;

export const isPlain = (rawTarget: string): boolean => PLAIN_TARGETS.test(rawTarget);

const fileTarget = Symbol('fileTarget');

interface WithTarget extends IncomingMessage {
  [fileTarget]?: FileTarget;
}

/** Keeps with a request what it asks for, so that what is decided is also what is served (trust T-123). */
export function setFileTarget(request: WithTarget, target: FileTarget): void {
  request[fileTarget] = target;
}

export const fileTargetOf = (request: WithTarget): FileTarget | undefined => request[fileTarget];

/** Routers decode and match by rules of their own, so they see one constant in place of what the client sent. */
export const routeOf = (request: IncomingMessage): string =>
  fileTargetOf(request) === undefined ? (request.url ?? '/') : FILES_ROUTE;
