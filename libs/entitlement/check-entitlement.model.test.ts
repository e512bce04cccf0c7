import { setImmediate as turn } from 'node:timers/promises';

import fc from 'fast-check';

import { actor } from '#libs/kernel/actor.js';
import { HOUR } from '#libs/kernel/duration.js';
import { type SystemId } from '#libs/kernel/ids.js';
import { fixedClock } from '#libs/kernel/testing/fixed-clock.js';

import { type Entitlement, type SystemCredentials } from './entitlement.js';
import { keeping, startCheck } from './testing/check-under-test.js';
import { InMemoryVerdictStore } from './testing/in-memory-verdict-store.js';
import { credentialsOf, DOWN, NO, ScriptedAuthority } from './testing/scripted-authority.js';

const ids = fc.constantFrom('a', 'b', 'c');
const editions = fc.constantFrom('community', 'enterprise');

type Step = (world: World) => void | Promise<void>;

const login = fc.tuple(ids, fc.constantFrom('good', 'bad'), editions).map(
  ([id, secret, edition]): Step =>
    (world) =>
      world.login(credentialsOf(id, secret, edition)),
);
/** Refused, paid, and back at once, at one process and at the other. */
const renewal = fc.tuple(ids, editions).map(([id, edition]): Step => async (world) => {
  await world.login(credentialsOf(id, 'good', edition));
  world.subscribe(id, edition, 200);
  for (let visit = 0; visit < 3; visit += 1) await world.login(credentialsOf(id, 'good', edition));
});
const steps = fc.oneof(
  { weight: 8, arbitrary: login },
  renewal,
  fc.tuple(ids, editions, fc.constantFrom(1, 30, 200, 1e6)).map(
    ([id, edition, hours]): Step =>
      (world) =>
        world.subscribe(id, edition, hours),
  ),
  fc.tuple(ids, editions).map(
    ([id, edition]): Step =>
      (world) =>
        world.subscribe(id, edition, 0),
  ),
  fc.boolean().map(
    (down): Step =>
      (world) =>
        void (world.down = down),
  ),
  fc.constantFrom(0.01, 0.5, 20, 40, 60).map(
    (hours): Step =>
      (world) =>
        world.clock.advance(hours * HOUR),
  ),
  ids.map(
    (id): Step =>
      (world) =>
        world.forget(id),
  ),
  fc.nat(1).map(
    (process): Step =>
      (world) =>
        world.restart(process),
  ),
);

interface Word {
  readonly at: number;
  readonly yes: boolean;
  readonly until: number;
}

/** What the authority knows and has said: the oracle. */
class World {
  readonly clock = fixedClock('2026-03-10T00:00:00Z');
  readonly store = new InMemoryVerdictStore();
  readonly said = new Map<string, Word>();
  readonly authority = new ScriptedAuthority((credentials) => this.answer(credentials));
  down = false;
  private readonly subscriptions = new Map<string, number>();
  /** The last yes to each question, which a process may go by until it is told no itself. */
  private readonly yeses = new Map<string, Word>();
  private readonly toldNo = [new Set<string>(), new Set<string>()] as const;
  private turns = 0;
  private checks = [this.start(), this.start()];

  subscribe(id: string, edition: string, hours: number): void {
    this.subscriptions.set(`${edition}:${id}`, this.now + hours * HOUR);
  }

  async forget(id: string): Promise<void> {
    for (const words of [this.said, this.yeses]) {
      for (const [key] of words) if (key.startsWith(`${id} `)) words.delete(key);
    }
    await this.store.forget(id as SystemId, this.clock.now(), { actor: actor('cli') });
  }

  restart(process: number): void {
    this.checks[process] = this.start();
    this.toldNo[process === 0 ? 0 : 1].clear();
  }

  /** Each appliance meets both processes in turn. */
  async login(credentials: SystemCredentials): Promise<void> {
    this.turns += 1;
    const key = keyOf(credentials);
    const toldNo = this.toldNo[this.turns % 2 === 0 ? 0 : 1];
    const before = this.said.get(key);
    const keptYes = toldNo.has(key) ? undefined : this.yeses.get(key);
    const asked = this.authority.asked.length;
    const answer = await this.checks[this.turns % 2]?.check.run(credentials);
    await turn(); // what goes on in the background
    const after = this.said.get(key);
    expect(this.allowed(before, after, keptYes)).toContain(answer?.kind);
    if (after !== before && after?.yes === false) toldNo.add(key);
    expect(this.authority.asked.length - asked).toBeLessThanOrEqual(1); // I-19
  }

  /** I-17: entitled needs a yes for exactly these credentials that covers this instant; a fresh one leaves no choice. */
  private allowed(before: Word | undefined, after: Word | undefined, keptYes: Word | undefined) {
    if (this.isFresh(before)) return ['entitled'] satisfies Entitlement['kind'][];
    const entitled = [after, keptYes].some((word) => this.covers(word)) ? (['entitled'] as const) : [];
    const refused = after !== undefined && (!after.yes || after.until <= this.now) ? (['refused'] as const) : [];
    return [...entitled, ...refused, ...(this.down ? (['unknown'] as const) : [])];
  }

  private isFresh(word: Word | undefined): boolean {
    return word?.yes === true && this.now < Math.min(word.at + 0.8 * keeping.ttlMs, word.until);
  }

  private covers(word: Word | undefined): boolean {
    return word?.yes === true && this.now < Math.min(word.at + keeping.ttlMs + keeping.graceMs, word.until);
  }

  private answer(credentials: SystemCredentials) {
    if (this.down) return DOWN;
    const until = this.subscriptions.get(`${credentials.edition}:${credentials.systemId}`) ?? 0;
    const yes = credentials.secret === 'good' && until > this.now;
    const word = { at: this.now, yes, until };
    this.said.set(keyOf(credentials), word);
    if (yes) this.sayYes(keyOf(credentials), word);
    return yes ? ({ kind: 'entitled', until: new Date(until) } as const) : NO;
  }

  private sayYes(key: string, word: Word): void {
    this.yeses.set(key, word);
    for (const toldNo of this.toldNo) toldNo.delete(key);
  }

  private start() {
    return startCheck(this.authority, { store: this.store, clock: this.clock, limits: { yeses: 2, noes: 2 } });
  }

  private get now(): number {
    return this.clock.now().getTime();
  }
}

const keyOf = ({ edition, systemId, secret }: SystemCredentials): string => `${systemId} ${edition} ${secret}`;

it('accepts nobody without a yes that covers the instant, and denies nobody with a fresh one (G5, I-17, I-18)', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(steps, { minLength: 20, maxLength: 60 }), async (plan) => {
      const world = new World();
      for (const step of plan) await step(world);
    }),
    { numRuns: 400 },
  );
}, 60_000);
