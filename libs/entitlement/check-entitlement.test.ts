import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';

import { actor } from '#libs/kernel/actor.js';
import { DAY, HOUR, MINUTE } from '#libs/kernel/duration.js';
import { type SystemId } from '#libs/kernel/ids.js';
import { fixedClock } from '#libs/kernel/testing/fixed-clock.js';
import { RecordedLog } from '#libs/observability/testing/recorded-log.js';

import { startCheck } from './testing/check-under-test.js';
import { InMemoryVerdictStore } from './testing/in-memory-verdict-store.js';
import { credentialsOf, DOWN, NO, NONSENSE, ScriptedAuthority, YES } from './testing/scripted-authority.js';

const one = credentialsOf('one');
const act = { actor: actor('cli') };

function make(answer: ConstructorParameters<typeof ScriptedAuthority>[0] = YES) {
  const authority = new ScriptedAuthority(answer);
  const store = new InMemoryVerdictStore();
  const clock = fixedClock('2026-03-10T00:00:00Z');
  const { check } = startCheck(authority, { store, clock });
  const ask = async (credentials = one) => (await check.run(credentials)).kind;
  return { authority, store, clock, check, ask };
}

describe('CheckEntitlement', () => {
  it('asks once, and then answers from memory without waiting', async () => {
    const { authority, check, ask } = make();
    await ask();
    await ask(); // the first look after the yes was stored
    const answer = check.run(one);
    expect(answer).toMatchObject({ kind: 'entitled', grant: { edition: 'enterprise', systemId: 'one' } });
    expect(authority.asked).toHaveLength(1);
  });

  it('asks once for a herd of the same system (T-113)', async () => {
    const { authority, check } = make('held');
    const answers = Array.from({ length: 100 }, async () => check.run(one));
    await turn();
    authority.release(YES);
    expect(new Set((await Promise.all(answers)).map(({ kind }) => kind))).toEqual(new Set(['entitled']));
    expect(authority.asked).toHaveLength(1);
  });

  it('holds a yes for its own secret and edition only, and a wrong one does not touch it (T-102, T-103, I-18)', async () => {
    const { authority, ask } = make(({ secret, edition }) =>
      secret === 'good' && edition === 'enterprise' ? YES : NO,
    );
    expect(await ask()).toBe('entitled');
    for (const wrong of [
      credentialsOf('one', 'bad'),
      credentialsOf('one', 'good', 'community'),
      credentialsOf('two', 'bad'),
    ]) {
      expect(await ask(wrong)).toBe('refused');
    }
    expect(await ask()).toBe('entitled');
    expect(authority.asked).toHaveLength(4);
  });

  it('keeps a yes through a restart', async () => {
    const { authority, store, clock, ask } = make();
    await ask();
    const restarted = startCheck(authority, { store, clock }).check;
    expect(await restarted.run(one)).toMatchObject({ kind: 'entitled' });
    expect(authority.asked).toHaveLength(1);
  });

  it('keeps a no for a minute, and writes nothing about it (I-23)', async () => {
    const { authority, store, clock, ask } = make(NO);
    const version = store.version();
    expect([await ask(), await ask()]).toEqual(['refused', 'refused']);
    clock.advance(MINUTE - 1);
    await ask();
    expect([authority.asked.length, store.version()]).toEqual([1, version]);
    clock.advance(1);
    authority.answer = YES;
    expect(await ask()).toBe('entitled');
  });

  it('goes by the yes that another process has heard since, and looks for it once when the store has changed', async () => {
    const { authority, store, clock, ask } = make(NO);
    const other = startCheck(authority, { store, clock }).check;
    const find = jest.spyOn(store, 'find');
    await ask();
    authority.answer = YES;
    await other.run(credentialsOf('two')); // changes the store, and says nothing about this system
    const before = find.mock.calls.length;
    expect([await ask(), await ask(), await ask()]).toEqual(['refused', 'refused', 'refused']);
    expect(find).toHaveBeenCalledTimes(before + 1);
    await other.run(one);
    expect(await ask()).toBe('entitled');
    expect(authority.asked).toHaveLength(3);
  });

  it('does not go by a yes that another process heard before the no', async () => {
    const { authority, store, clock, ask } = make();
    const other = startCheck(authority, { store, clock }).check;
    await ask();
    await other.run(credentialsOf('two'));
    clock.advance(HOUR);
    authority.answer = NO;
    store.down = true; // so that the yes stays in the store
    expect(await other.run(one)).toEqual({ kind: 'refused' });
    store.down = false;
    authority.answer = YES;
    await ask(credentialsOf('three')); // the store changes
    expect(await other.run(one)).toEqual({ kind: 'refused' });
  });

  it('never takes no answer for a no, nor keeps it (T-106)', async () => {
    const { authority, ask } = make(DOWN);
    expect(await ask()).toBe('unknown');
    authority.answer = YES;
    expect(await ask()).toBe('entitled');
  });

  it('asks again in the background when four fifths of the time are over', async () => {
    const { authority, clock, check, ask } = make();
    await ask();
    await ask();
    clock.advance(1.7 * DAY);
    authority.answer = 'held';
    expect(check.run(one)).toMatchObject({ kind: 'entitled' });
    expect(check.run(one)).toMatchObject({ kind: 'entitled' });
    await turn();
    expect(authority.asked).toHaveLength(2);
    authority.release(NO);
    await turn();
    expect(await ask()).toBe('refused');
  });

  it('takes over what another process has asked already', async () => {
    const { authority, store, clock, ask } = make();
    const other = startCheck(authority, { store, clock }).check;
    await ask();
    await other.run(one);
    clock.advance(1.7 * DAY);
    await ask();
    await turn(); // asked by the first process
    await other.run(one);
    await turn();
    expect(authority.asked).toHaveLength(2);
  });

  it('lets a known system go on while there is no answer, to the end of the grace and no longer (T-106, I-17)', async () => {
    const { authority, clock, ask } = make();
    await ask();
    authority.answer = DOWN;
    clock.advance(3 * DAY - 1);
    expect(await ask()).toBe('entitled');
    expect(await ask(credentialsOf('stranger'))).toBe('unknown');
    clock.advance(1);
    expect(await ask()).toBe('unknown');
  });

  it('does not make each request of such a system wait for an authority that is down', async () => {
    const { authority, clock, check, ask } = make();
    await ask();
    authority.answer = DOWN;
    clock.advance(2 * DAY + HOUR);
    await ask();
    for (let i = 0; i < 10; i += 1) expect(check.run(one)).toMatchObject({ kind: 'entitled' });
    expect(authority.asked).toHaveLength(2);
    clock.advance(MINUTE);
    authority.answer = NO;
    expect(await ask()).toBe('refused');
  });

  it('asks again at once when the clock is set back while an authority that was down is left alone (T-42)', async () => {
    const { authority, clock, ask } = make();
    await ask();
    authority.answer = DOWN;
    clock.advance(2 * DAY + HOUR);
    await ask();
    clock.advance(-2 * HOUR);
    authority.answer = NO;
    await ask();
    await turn(); // asked in the background
    expect(await ask()).toBe('refused');
  });

  it('never goes past the end that the authority named', async () => {
    const until = new Date('2026-03-10T10:00:00Z');
    const { authority, clock, ask } = make({ kind: 'entitled', until });
    await ask();
    authority.answer = DOWN;
    clock.set(new Date(until.getTime() - 1));
    expect(await ask()).toBe('entitled');
    clock.set(until);
    expect(await ask()).toBe('unknown');
  });

  it.each([undefined, new Date('2026-04-01T00:00:00Z')])(
    'asks each time, and keeps nothing, where a yes counts for no time: valid until %s (I-28)',
    async (until) => {
      const authority = new ScriptedAuthority({ kind: 'entitled', until });
      const store = new InMemoryVerdictStore();
      const { check } = startCheck(authority, { store, times: { ttlMs: 0, graceMs: 0 } });
      const version = store.version();
      for (let visit = 0; visit < 3; visit += 1) expect(await check.run(one)).toMatchObject({ kind: 'entitled' });
      expect([authority.asked.length, store.version()]).toEqual([3, version]);
      authority.answer = NO;
      expect(await check.run(one)).toEqual({ kind: 'refused' });
    },
  );

  it('refuses a licence that ended while the answer was on its way (I-17)', async () => {
    const { ask, store } = make({ kind: 'entitled', until: new Date('2026-03-10T00:00:00Z') });
    const version = store.version();
    expect([await ask(), store.version()]).toEqual(['refused', version]);
  });

  it('forgets at once in every process, also what was being asked meanwhile (T-112)', async () => {
    const { authority, store, clock, check, ask } = make();
    const other = startCheck(authority, { store, clock }).check;
    await ask();
    await other.run(one);
    authority.answer = 'held';
    const early = check.run(credentialsOf('one', 'other'));
    await turn();
    await store.forget('one' as SystemId, clock.now(), act);
    authority.release(YES);
    await early;
    authority.answer = NO;
    expect(await ask()).toBe('refused');
    expect(await other.run(one)).toEqual({ kind: 'refused' });
    expect(await ask(credentialsOf('one', 'other'))).toBe('refused');
  });

  it('goes on from memory while the database is down, and asks for the others (I-24, T-114)', async () => {
    const { authority, store, ask } = make();
    await ask();
    await ask();
    store.down = true;
    expect([await ask(), await ask(credentialsOf('two'))]).toEqual(['entitled', 'entitled']);
    expect(authority.asked).toHaveLength(2);
  });

  it('does not let wrong guesses push out good systems (T-117)', async () => {
    const { authority, ask } = make(({ secret }) => (secret === 'good' ? YES : NO));
    await ask();
    for (let i = 0; i < 1_000; i += 1) await ask(credentialsOf('one', `guess-${String(i)}`));
    const before = authority.asked.length;
    expect(await ask()).toBe('entitled');
    expect(authority.asked).toHaveLength(before);
  });

  it('keeps a hundred ids of one secret at most where the id does not matter, and others stay (T-117, I-19)', async () => {
    const authority = new ScriptedAuthority(YES);
    const store = new InMemoryVerdictStore();
    const save = jest.spyOn(store, 'save');
    const { check } = startCheck(authority, { store, looksAtSecretAlone: true, limits: { yeses: 150, noes: 10 } });
    const ask = async (id: string, secret?: string) => (await check.run(credentialsOf(id, secret))).kind;
    for (let i = 0; i < 40; i += 1) await ask(`good-${String(i)}`, `of-${String(i)}`);
    for (let i = 0; i < 1_000; i += 1) expect(await ask(`id-${String(i)}`, 'paid')).toBe('entitled');
    expect(save).toHaveBeenCalledTimes(140);
    const before = authority.asked.length;
    for (let i = 0; i < 40; i += 1) await ask(`good-${String(i)}`, `of-${String(i)}`);
    await ask('id-7', 'paid');
    expect(authority.asked).toHaveLength(before);
  });

  it('keeps one secret of any number of systems where the id matters', async () => {
    const { ask, store } = make();
    const save = jest.spyOn(store, 'save');
    for (let i = 0; i < 150; i += 1) await ask(credentialsOf(`id-${String(i)}`, 'common'));
    expect(save).toHaveBeenCalledTimes(150);
  });

  it('writes why systems are turned away without an answer, once for each reason in a minute (T-141)', async () => {
    const log = new RecordedLog();
    const authority = new ScriptedAuthority(DOWN);
    const { check } = startCheck(authority, { log });
    for (const id of ['one', 'two', 'three']) await check.run(credentialsOf(id, 'canary'));
    authority.answer = NONSENSE;
    await check.run(credentialsOf('four'));
    expect(log.of('no answer about a licence')).toEqual([
      { edition: 'enterprise', systemId: 'one', about: 'authority', reason: 'down' },
      { edition: 'enterprise', systemId: 'four', about: 'question', reason: '400' },
    ]);
    expect(JSON.stringify(log.lines)).not.toContain('canary');
  });

  it('writes nothing about a system that goes on by its grace', async () => {
    const log = new RecordedLog();
    const authority = new ScriptedAuthority(YES);
    const clock = fixedClock('2026-03-10T00:00:00Z');
    const { check } = startCheck(authority, { log, clock });
    await check.run(one);
    authority.answer = DOWN;
    clock.advance(2 * DAY + HOUR);
    expect(await check.run(one)).toMatchObject({ kind: 'entitled' });
    expect(log.lines).toEqual([]);
  });

  it('tells when to come back, not to all at the same time', async () => {
    const authority = new ScriptedAuthority(DOWN);
    const [early, late] = [startCheck(authority), startCheck(authority, { random: () => 0.5 })];
    expect(await early.check.run(one)).toEqual({ kind: 'unknown', retryAfterMs: 30_000 });
    expect(await late.check.run(one)).toEqual({ kind: 'unknown', retryAfterMs: 45_000 });
  });
});

it('nobody but CheckEntitlement makes grants (I-16)', () => {
  const root = join(__dirname, '../..');
  const sources = ['libs', 'apps'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
  );
  const callers = sources
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .filter((file) => readFileSync(join(root, file), 'utf8').includes('grantFor'));
  expect(callers.sort()).toEqual(['libs/entitlement/check-entitlement.ts', 'libs/entitlement/entitlement.ts']);
});
