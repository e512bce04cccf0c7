import { lasts, type Clock } from '#libs/kernel/clock.js';
import { SECOND } from '#libs/kernel/duration.js';
import { messageOf } from '#libs/kernel/errors.js';
import { SingleFlight } from '#libs/kernel/single-flight.js';
import { type SampledLog } from '#libs/observability/sampled-log.js';

import { type CredentialKeys } from './credential-keys.js';
import { type Edition } from './edition.js';
import {
  grantFor,
  type Entitlement,
  type LicenceAuthority,
  type SystemCredentials,
  type Unanswered,
  type Verdict,
} from './entitlement.js';
import { IdsOfSecrets } from './verdicts/ids-of-secrets.js';
import { keepYes, standing, type Keeping, type KeptVerdict } from './verdicts/kept-verdict.js';
import { type Known, type Place, type VerdictCache } from './verdicts/verdict-cache.js';

/** Who answers for an edition, and how long its yes counts. */
export interface EditionAuthority extends Keeping {
  readonly authority: LicenceAuthority;
  /** Whether its yeses go to the shared store; not when the authority is the database itself. */
  readonly shared: boolean;
  /** Whether it looks at the secret alone, and so says the same of any id. */
  readonly looksAtSecretAlone: boolean;
}

export interface Surroundings {
  readonly clock: Clock;
  /** Takes one line for each reason and minute. */
  readonly log: SampledLog;
  /** From 0 to 1, for spreading what would otherwise happen at once. */
  readonly random: () => number;
}

interface Question extends Place {
  readonly credentials: SystemCredentials;
}

/** After an authority gave no answer about a system that goes on by its grace. */
const QUIET_FOR = 30 * SECOND;
const RETRY_AFTER = 30 * SECOND;

const REFUSED: Entitlement = { kind: 'refused' };

/**
 * Decides whether a system may download from an edition; the only maker of grants. An answer in memory is given
 * without waiting; all others who ask for the same meanwhile share one question.
 */
export class CheckEntitlement {
  private readonly flights = new SingleFlight<string, Entitlement>();
  private readonly ids = new IdsOfSecrets();

  constructor(
    private readonly authorities: Readonly<Record<Edition, EditionAuthority>>,
    private readonly cache: VerdictCache,
    private readonly keys: CredentialKeys,
    private readonly surroundings: Surroundings,
  ) {}

  run(credentials: SystemCredentials): Entitlement | Promise<Entitlement> {
    const { shared } = this.authorities[credentials.edition];
    const question = { key: this.keys.verdict(credentials), shared, credentials };
    return this.cache.isCurrent() ? this.decide(question) : this.cache.catchUp().then(() => this.decide(question));
  }

  private decide(question: Question): Entitlement | Promise<Entitlement> {
    const known = this.cache.peek(question.key, this.now());
    if (this.isDue(known)) void this.refresh(question);
    return this.answerFrom(known, question) ?? this.lookUp(question);
  }

  /** In the background: the system goes on with the yes it has. */
  private refresh(question: Question): Promise<Entitlement> {
    return this.flights.run(question.key, async () => {
      const known = await this.cache.load(question, this.now()); // another process may have asked already
      const renewed = known?.kind === 'yes' && standing(known.kept, this.now()) === 'fresh';
      return renewed ? entitled(question.credentials) : this.ask(question, known);
    });
  }

  private lookUp(question: Question): Promise<Entitlement> {
    return this.flights.run(question.key, async () => {
      const known = await this.cache.load(question, this.now());
      return this.answerFrom(known, question) ?? this.ask(question, known);
    });
  }

  private isDue(known: Known | undefined): boolean {
    const now = this.now();
    return known?.kind === 'yes' && !isQuiet(known, now) && standing(known.kept, now) === 'due';
  }

  /** `undefined` when the authority has to be asked first. */
  private answerFrom(known: Known | undefined, { credentials }: Question): Entitlement | undefined {
    if (known === undefined) return undefined;
    if (known.kind === 'no') return REFUSED;
    const now = this.now();
    const state = standing(known.kept, now);
    const mustAsk = state === 'over' || (state === 'stale' && !isQuiet(known, now));
    return mustAsk ? undefined : entitled(credentials);
  }

  private async ask(question: Question, known: Known | undefined): Promise<Entitlement> {
    const { generation } = this.cache;
    const verdict = await this.authorities[question.credentials.edition].authority.ask(question.credentials);
    return this.conclude(question, verdict, known, generation);
  }

  private async conclude(
    question: Question,
    verdict: Verdict,
    known: Known | undefined,
    generation: number,
  ): Promise<Entitlement> {
    const now = this.now();
    switch (verdict.kind) {
      case 'entitled':
        return this.accept(question, verdict.until, now, generation);
      case 'refused':
        await this.cache.keepNo(question, now, generation);
        return REFUSED;
      case 'unknown':
        return this.fallBack(question, verdict, known, now);
    }
  }

  /** What the authority says decides; how long it is kept may be no time at all. */
  private accept(question: Question, until: Date | undefined, now: number, generation: number): Entitlement {
    if (until !== undefined && until.getTime() <= now) return REFUSED;
    const { credentials, key, shared } = question;
    const kept = keepYes(until, now, this.authorities[credentials.edition], this.surroundings.random());
    if (now < kept.usableUntil && this.hasRoomFor(question, kept, now)) {
      this.cache.keepYes({ key, systemId: credentials.systemId, generation }, kept, shared);
    }
    return entitled(credentials);
  }

  private hasRoomFor({ credentials, key }: Question, { usableUntil }: KeptVerdict, now: number): boolean {
    if (!this.authorities[credentials.edition].looksAtSecretAlone) return true;
    return this.ids.admits(this.keys.sharedSecret(credentials), key, usableUntil, now);
  }

  private fallBack(question: Question, verdict: Unanswered, known: Known | undefined, now: number): Entitlement {
    if (known?.kind === 'yes' && standing(known.kept, now) !== 'over') {
      this.cache.quieten(question.key, now);
      return entitled(question.credentials);
    }
    this.tell(question.credentials, verdict);
    const wait = Math.max(verdict.retryAfterMs ?? 0, RETRY_AFTER);
    return { kind: 'unknown', retryAfterMs: Math.round(wait * (1 + this.surroundings.random())) };
  }

  /** Why a system is turned away that may be good. */
  private tell({ edition, systemId }: SystemCredentials, { about, cause }: Unanswered): void {
    const reason = messageOf(cause);
    const line = { level: 'warn', message: 'no answer about a licence', kind: `${edition}: ${reason}` } as const;
    this.surroundings.log.write(line, () => ({ edition, systemId, about, reason }));
  }

  private now(): number {
    return this.surroundings.clock.now().getTime();
  }
}

const isQuiet = ({ quietSince }: Known & { kind: 'yes' }, now: number): boolean => lasts(quietSince, QUIET_FOR, now);

const entitled = (credentials: SystemCredentials): Entitlement => ({ kind: 'entitled', grant: grantFor(credentials) });
