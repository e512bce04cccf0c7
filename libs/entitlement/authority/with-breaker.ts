import { lasts, type Clock } from '#libs/kernel/clock.js';
import { AppError } from '#libs/kernel/errors.js';

import { type LicenceAuthority, type SystemCredentials, type Unanswered, type Verdict } from '../entitlement.js';

export interface Breaker {
  /** That many questions in a row without an answer… */
  readonly failures: number;
  /** …within this time stop all questions… */
  readonly windowMs: number;
  /** …for this long; then a single one tries whether the authority is back. */
  readonly pauseMs: number;
  /** An authority that asks for patience is given no more than this. */
  readonly maxPauseMs: number;
}

/** Spares an authority that is down, and its callers the wait. A question that only fails for its own sake does not count. */
export function withBreaker(
  authority: LicenceAuthority,
  limits: Breaker,
  clock: Clock,
  onChange: (state: 'paused' | 'resumed', cause?: unknown) => void = () => undefined,
): LicenceAuthority {
  const circuit = new Circuit(limits, onChange);
  return {
    ask: async (credentials: SystemCredentials): Promise<Verdict> => {
      const pause = circuit.enter(clock.now().getTime());
      if (pause > 0) return { ...PAUSED, retryAfterMs: pause };
      const verdict = await authority.ask(credentials);
      circuit.leave(verdict, clock.now().getTime());
      return verdict;
    },
  };
}

const PAUSED: Unanswered = {
  kind: 'unknown',
  about: 'authority',
  cause: new AppError('unavailable', 'AUTHORITY_PAUSED', 'The licence authority is not asked for a moment.'),
};

interface Pause {
  readonly since: number;
  readonly forMs: number;
}

class Circuit {
  private failures: readonly number[] = [];
  private paused: Pause | undefined;

  constructor(
    private readonly limits: Breaker,
    private readonly onChange: (state: 'paused' | 'resumed', cause?: unknown) => void,
  ) {}

  /** Milliseconds to wait before the next question, 0 when this one may be asked. */
  enter(now: number): number {
    if (this.paused === undefined) return 0;
    const { since, forMs } = this.paused;
    if (lasts(since, forMs, now)) return since + forMs - now;
    this.paused = { since: now, forMs: this.limits.pauseMs }; // this one is the probe; the others go on waiting
    return 0;
  }

  leave(verdict: Verdict, now: number): void {
    if (verdict.kind !== 'unknown' || verdict.about === 'question') {
      this.failures = [];
      if (this.paused !== undefined) this.onChange('resumed');
      this.paused = undefined;
    } else if (verdict.retryAfterMs !== undefined) {
      this.pause({ since: now, forMs: Math.min(verdict.retryAfterMs, this.limits.maxPauseMs) }, verdict.cause);
    } else {
      const { failures, windowMs, pauseMs } = this.limits;
      this.failures = [...this.failures.filter((at) => lasts(at, windowMs, now)), now];
      if (this.failures.length >= failures) this.pause({ since: now, forMs: pauseMs }, verdict.cause);
    }
  }

  private pause(pause: Pause, cause: unknown): void {
    if (this.paused === undefined) this.onChange('paused', cause);
    this.paused = pause;
  }
}
