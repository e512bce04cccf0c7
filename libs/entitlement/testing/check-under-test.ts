import { Secret } from '#libs/config/secret.js';
import { DAY, MINUTE } from '#libs/kernel/duration.js';
import { fixedClock, type FixedClock } from '#libs/kernel/testing/fixed-clock.js';
import { silentLog, type Log } from '#libs/observability/log.js';
import { SampledLog } from '#libs/observability/sampled-log.js';

import { CheckEntitlement } from '../check-entitlement.js';
import { CredentialKeys } from '../credential-keys.js';
import { type LicenceAuthority } from '../entitlement.js';
import { type Keeping } from '../verdicts/kept-verdict.js';
import { VerdictCache, type CacheLimits } from '../verdicts/verdict-cache.js';
import { type VerdictStore } from '../verdicts/verdict-store.js';
import { InMemoryVerdictStore } from './in-memory-verdict-store.js';

export const keeping = { ttlMs: 2 * DAY, graceMs: DAY };

export interface CheckUnderTest {
  readonly check: CheckEntitlement;
  readonly cache: VerdictCache;
}

interface Conditions {
  readonly store: VerdictStore;
  readonly clock: FixedClock;
  readonly shared: boolean;
  readonly looksAtSecretAlone: boolean;
  readonly limits: CacheLimits;
  readonly times: Keeping;
  readonly random: () => number;
  readonly log: Log;
}

/** What one process has: the check and a memory of its own in front of the shared store. */
export function startCheck(
  authority: LicenceAuthority,
  {
    store = new InMemoryVerdictStore(),
    clock = fixedClock('2026-03-10T00:00:00Z'),
    shared = true,
    looksAtSecretAlone = false,
    limits = { yeses: 100, noes: 10 },
    times = keeping,
    random = () => 0,
    log = silentLog,
  }: Partial<Conditions> = {},
): CheckUnderTest {
  const sampled = new SampledLog(log, { lines: 1, windowMs: MINUTE });
  const cache = new VerdictCache(store, sampled, limits);
  const edition = { authority, shared, looksAtSecretAlone, ...times };
  const keys = new CredentialKeys(new Secret(Buffer.alloc(32, 3)));
  const surroundings = { clock, log: sampled, random };
  return { cache, check: new CheckEntitlement({ community: edition, enterprise: edition }, cache, keys, surroundings) };
}
