import { type BypassKeys, type Pass } from './bypass-keys.js';
import { type Maintenance } from './maintenance.js';

/** What of a request decides how it is answered meanwhile. */
export interface MaintenanceRequest {
  readonly method: string;
  /** As it stood on the request line. */
  readonly target: string;
  readonly host: string | undefined;
  /** Whether it carries credentials, or comes from a client that would send them along to another host. */
  readonly hasCredentials: boolean;
  /** A word in a header. */
  readonly word: string | undefined;
  /** What a browser kept. */
  readonly pass: string | undefined;
}

export type MaintenanceReply =
  /** As if there was no maintenance. */
  | { readonly kind: 'admitted' }
  /** Its address was the word: it gets a pass, and an address without the word. */
  | { readonly kind: 'let-in'; readonly pass: Pass }
  | { readonly kind: 'redirected'; readonly location: string }
  | { readonly kind: 'refused' };

const READING: ReadonlySet<string> = new Set(['GET', 'HEAD']);

/** What a request gets in a maintenance, whatever it asks for, before anybody looks at credentials. */
export function answerInMaintenance(
  maintenance: Maintenance,
  request: MaintenanceRequest,
  keys: BypassKeys,
  now: Date,
): MaintenanceReply {
  const { method, target, word, pass } = request;
  if (word !== undefined && keys.isWord(maintenance, word)) return { kind: 'admitted' };
  if (pass !== undefined && keys.isPass(maintenance, pass, now)) return { kind: 'admitted' };
  if (!READING.has(method)) return { kind: 'refused' };
  if (keys.isWord(maintenance, pathOf(target).slice(1))) return { kind: 'let-in', pass: keys.pass(maintenance, now) };
  const { redirect } = maintenance;
  if (redirect === undefined || !mayFollow(request, redirect)) return { kind: 'refused' };
  return { kind: 'redirected', location: redirect };
}

/** Nobody is sent where he is already, and no secret to another host: some clients send theirs on when redirected. */
function mayFollow({ target, host, hasCredentials }: MaintenanceRequest, redirect: string): boolean {
  if (redirect.startsWith('/')) return pathOf(target) !== pathOf(redirect);
  const address = new URL(redirect);
  return !hasCredentials && !(address.host === host?.toLowerCase() && address.pathname === pathOf(target));
}

const pathOf = (target: string): string => target.split(/[?#]/, 1)[0] ?? '';
