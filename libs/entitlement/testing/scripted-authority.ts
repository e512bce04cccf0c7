import { type LicenceAuthority, type SystemCredentials, type Verdict } from '../entitlement.js';

export const YES: Verdict = { kind: 'entitled', until: undefined };
export const NO: Verdict = { kind: 'refused' };
export const DOWN: Verdict = { kind: 'unknown', about: 'authority', cause: new Error('down') };
export const NONSENSE: Verdict = { kind: 'unknown', about: 'question', cause: new Error('400') };

/** An authority that answers when and what the test says. */
export class ScriptedAuthority implements LicenceAuthority {
  readonly asked: SystemCredentials[] = [];
  private readonly held: ((verdict: Verdict) => void)[] = [];

  /** With `'held'` questions wait until they are `answered`. */
  constructor(public answer: Verdict | 'held' | ((credentials: SystemCredentials) => Verdict)) {}

  async ask(credentials: SystemCredentials): Promise<Verdict> {
    this.asked.push(credentials);
    if (this.answer === 'held') return this.hold();
    return typeof this.answer === 'function' ? this.answer(credentials) : this.answer;
  }

  private hold(): Promise<Verdict> {
    return new Promise((resolve) => {
      this.held.push(resolve);
    });
  }

  get underWay(): number {
    return this.held.length;
  }

  /** Answers the question that has waited longest. */
  release(verdict: Verdict): void {
    this.held.shift()?.(verdict);
  }
}

export const credentialsOf = (id: string, secret = 'good', edition: SystemCredentials['edition'] = 'enterprise') =>
  ({ edition, systemId: id as SystemCredentials['systemId'], secret }) satisfies SystemCredentials;
