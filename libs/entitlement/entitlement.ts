import { type SystemId } from '#libs/kernel/ids.js';

import { type Edition } from './edition.js';

/** What an appliance presents: parsed from HTTP Basic, never logged. */
export interface SystemCredentials {
  readonly edition: Edition;
  readonly systemId: SystemId;
  readonly secret: string;
}

const proof: unique symbol = Symbol('grant');

/** Proof that a system may download from an edition. Only a check of its entitlement makes one. */
export interface Grant {
  readonly [proof]: true;
  readonly edition: Edition;
  readonly systemId: SystemId;
}

/** Called by `check-entitlement.ts` alone; a rule in `.dependency-cruiser.cjs` cannot see that, so a test does. */
export const grantFor = ({ edition, systemId }: SystemCredentials): Grant => ({ [proof]: true, edition, systemId });

/** What an authority says of credentials. No answer is not a no. */
export type Verdict =
  /** `until`: the licence's own end, when the authority named one. */
  { readonly kind: 'entitled'; readonly until: Date | undefined } | { readonly kind: 'refused' } | Unanswered;

export interface Unanswered {
  readonly kind: 'unknown';
  /** Whether the authority as a whole gave no sense (it is down, slow, or somebody else answers), or only of this question. */
  readonly about: 'authority' | 'question';
  readonly cause: unknown;
  /** When the authority itself asked for patience. */
  readonly retryAfterMs?: number;
}

/** Whoever can say whether credentials are good: an edition's licence server, or the built-in register of systems. */
export interface LicenceAuthority {
  /** Never rejects: what goes wrong is a verdict `unknown`. */
  ask(credentials: SystemCredentials): Promise<Verdict>;
}

/** What a request gets: a grant, a refusal, or "ask again later". */
export type Entitlement =
  | { readonly kind: 'entitled'; readonly grant: Grant }
  | { readonly kind: 'refused' }
  | { readonly kind: 'unknown'; readonly retryAfterMs: number };
