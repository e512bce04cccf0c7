import { AppError } from '#libs/kernel/errors.js';

import { type LicenceAuthority, type SystemCredentials, type Verdict } from '../entitlement.js';

export interface Bulkhead {
  /** Questions under way at once. */
  readonly concurrency: number;
  /** How long a question may wait for its turn; after that it gets no answer and the authority never hears of it. */
  readonly maxWaitMs: number;
  /** Questions waiting at once; more get no answer at once. */
  readonly maxWaiting: number;
}

/** Keeps a herd of appliances from overrunning the authority, and an authority that is slow from keeping them waiting. */
export function withBulkhead(authority: LicenceAuthority, limits: Bulkhead): LicenceAuthority {
  const turns = new Turns(limits);
  return {
    ask: async (credentials: SystemCredentials): Promise<Verdict> => {
      if (!(await turns.take())) return TOO_MANY;
      try {
        return await authority.ask(credentials);
      } finally {
        turns.give();
      }
    },
  };
}

const TOO_MANY: Verdict = {
  kind: 'unknown',
  about: 'question', // the authority was not asked, so it is not to blame
  cause: new AppError('unavailable', 'AUTHORITY_OVERRUN', 'Too many questions wait for the licence authority.'),
};

/** Turns in the order asked. */
class Turns {
  private busy = 0;
  private readonly waiting = new Set<(mine: boolean) => void>();

  constructor(private readonly limits: Bulkhead) {}

  take(): Promise<boolean> {
    if (this.busy < this.limits.concurrency) {
      this.busy += 1;
      return Promise.resolve(true);
    }
    if (this.waiting.size >= this.limits.maxWaiting) return Promise.resolve(false);
    return new Promise((resolve) => {
      const settle = (mine: boolean): void => {
        clearTimeout(timer);
        this.waiting.delete(settle);
        resolve(mine);
      };
      const timer = setTimeout(settle, this.limits.maxWaitMs, false);
      this.waiting.add(settle);
    });
  }

  /** Hands the turn to the one who has waited longest. */
  give(): void {
    const [next] = this.waiting;
    if (next === undefined) this.busy -= 1;
    else next(true);
  }
}
