import { type IncomingMessage } from 'node:http';

import { type FileTarget, type MilestoneTarget } from '#libs/delivery/request-target.js';

/** The one route of all file requests: no target leads a client there, only the front door does. */
export const FILES_ROUTE = '/files';
/** In the same way that of all requests for a milestone release. */
export const MILESTONE_ROUTE = '/milestone';

const ROUTES = { file: FILES_ROUTE, milestone: MILESTONE_ROUTE } as const;

/** The other routes, by their exact targets. Nothing else ever meets a router. */
const PLAIN_TARGETS = /^\/(?:up|health\/live|health\/ready|metrics)(?:\?|$)/;

export const isPlain = (rawTarget: string): boolean => PLAIN_TARGETS.test(rawTarget);

type Target = FileTarget | MilestoneTarget;

const target = Symbol('target');

interface WithTarget extends IncomingMessage {
  [target]?: Target;
}

/** Keeps with a request what it asks for, so that what is decided is also what is served (trust T-123). */
export function setTarget(request: WithTarget, asked: Target): void {
  request[target] = asked;
}

export const fileTargetOf = ({ [target]: asked }: WithTarget): FileTarget | undefined =>
  asked?.kind === 'file' ? asked : undefined;

export const milestoneTargetOf = ({ [target]: asked }: WithTarget): MilestoneTarget | undefined =>
  asked?.kind === 'milestone' ? asked : undefined;

/** Routers decode and match by rules of their own, so they see one constant in place of what the client sent. */
export const routeOf = (request: WithTarget): string =>
  request[target] === undefined ? (request.url ?? '/') : ROUTES[request[target].kind];
