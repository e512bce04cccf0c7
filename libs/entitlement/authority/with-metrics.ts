import { type Metrics } from '#libs/observability/metrics.js';

import { type Edition } from '../edition.js';
import { type LicenceAuthority, type SystemCredentials, type Verdict } from '../entitlement.js';

/** Counts and times the questions that really reach an authority, and shows how many are under way. */
export function withMetrics(authority: LicenceAuthority, edition: Edition, metrics: Metrics): LicenceAuthority {
  const seconds = metrics.histogram('licence_question_seconds', 'Time a licence authority took to answer.', [
    'edition',
    'verdict',
  ]);
  const underWay = metrics.gauge('licence_questions', 'Questions to a licence authority under way.', ['edition']);
  let count = 0;
  const change = (by: number): void => underWay.set((count += by), { edition });
  return {
    ask: async (credentials: SystemCredentials): Promise<Verdict> => {
      const started = performance.now();
      change(1);
      try {
        const verdict = await authority.ask(credentials);
        seconds.observe((performance.now() - started) / 1_000, { edition, verdict: verdict.kind });
        return verdict;
      } finally {
        change(-1);
      }
    },
  };
}
