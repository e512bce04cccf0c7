import { type Config } from '#libs/config/config.js';
import { type Clock } from '#libs/kernel/clock.js';
import { HOUR, MINUTE, SECOND } from '#libs/kernel/duration.js';
import { messageOf } from '#libs/kernel/errors.js';
import { type Log } from '#libs/observability/log.js';
import { type Metrics } from '#libs/observability/metrics.js';

import { type EditionAuthority } from '../check-entitlement.js';
import { type Edition } from '../edition.js';
import { type LicenceAuthority } from '../entitlement.js';
import { withBreaker } from '../authority/with-breaker.js';
import { withBulkhead } from '../authority/with-bulkhead.js';
import { withMetrics } from '../authority/with-metrics.js';
import { CommunityAuthority } from './community-authority.js';
import { EnterpriseAuthority } from './enterprise-authority.js';
import { HttpQuestion } from './http-question.js';

export type Settings = Config['entitlement'];

export interface Means {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

const DRIVERS = { enterprise: EnterpriseAuthority, community: CommunityAuthority } as const;

const BREAKER = { failures: 5, windowMs: 10 * SECOND, pauseMs: 5 * SECOND, maxPauseMs: 5 * MINUTE };
/** A request waits no longer than this, its turn and the question together. */
const LONGEST_WAIT = 10 * SECOND;
const MAX_WAITING = 20_000;
/** The register can be asked at any time; its yes only has to outlast a database that is away for a while. */
const REGISTER_TTL = HOUR;

/** Who answers for each edition: its licence server where an endpoint is set, else the built-in register. */
export function licenceAuthorities(
  settings: Settings,
  register: LicenceAuthority,
  means: Means,
): Readonly<Record<Edition, EditionAuthority>> {
  const authorityOf = (edition: Edition): EditionAuthority => {
    const { endpoint, cacheTtlMs } = settings[edition];
    return endpoint === undefined
      ? {
          authority: register,
          shared: false,
          looksAtSecretAlone: false,
          ttlMs: REGISTER_TTL,
          graceMs: settings.graceMs,
        }
      : {
          authority: licenceServer(edition, endpoint, settings, means),
          shared: true,
          looksAtSecretAlone: edition === 'community',
          ttlMs: cacheTtlMs,
          graceMs: settings.graceMs,
        };
  };
  return { community: authorityOf('community'), enterprise: authorityOf('enterprise') };
}

function licenceServer(edition: Edition, endpoint: URL, settings: Settings, means: Means): LicenceAuthority {
  const { timeoutMs, concurrency } = settings;
  const question = new HttpQuestion(endpoint, { timeoutMs, connections: concurrency });
  const server = withMetrics(new DRIVERS[edition](question, means.clock), edition, means.metrics);
  const log = means.log.with({ edition });
  const spared = withBreaker(server, BREAKER, means.clock, (state, cause) => {
    if (state === 'resumed') log.info('licence authority answers again');
    else log.warn('licence authority does not answer', { cause: messageOf(cause) });
  });
  const maxWaitMs = Math.max(0, LONGEST_WAIT - timeoutMs);
  return withBulkhead(spared, { concurrency, maxWaitMs, maxWaiting: MAX_WAITING });
}
