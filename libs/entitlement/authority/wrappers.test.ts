import { setImmediate as turn } from 'node:timers/promises';

import { HOUR } from '#libs/kernel/duration.js';
import { fixedClock } from '#libs/kernel/testing/fixed-clock.js';

import { type Unanswered, type Verdict } from '../entitlement.js';
import { credentialsOf, DOWN, NO, NONSENSE, ScriptedAuthority, YES } from '../testing/scripted-authority.js';
import { withBreaker } from './with-breaker.js';
import { withBulkhead } from './with-bulkhead.js';

const one = credentialsOf('one');

describe('withBulkhead (T-107, T-113, I-19)', () => {
  const limits = { concurrency: 2, maxWaitMs: 60_000, maxWaiting: 2 };
  const kinds = (verdicts: readonly Verdict[]) => verdicts.map(({ kind }) => kind);

  it('lets so many in at once, the others in the order they came, and turns away who comes too late', async () => {
    const authority = new ScriptedAuthority('held');
    const guarded = withBulkhead(authority, limits);
    const answers = ['a', 'b', 'c', 'd', 'e'].map((id) => guarded.ask(credentialsOf(id)));
    expect(await answers[4]).toMatchObject({ kind: 'unknown', about: 'question' });
    expect(authority.underWay).toBe(2);
    for (const verdict of [YES, NO, YES, NO]) {
      authority.release(verdict);
      await turn();
    }
    expect(kinds(await Promise.all(answers.slice(0, 4)))).toEqual(['entitled', 'refused', 'entitled', 'refused']);
    expect(authority.asked.map(({ systemId }) => systemId)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('gives up waiting after a while without asking, and loses no turn by it', async () => {
    const authority = new ScriptedAuthority('held');
    const guarded = withBulkhead(authority, { concurrency: 1, maxWaitMs: 5, maxWaiting: 10 });
    const first = guarded.ask(one);
    expect(await guarded.ask(one)).toMatchObject({ kind: 'unknown' });
    authority.release(YES);
    expect(await first).toEqual(YES);
    expect(authority.asked).toHaveLength(1);
    const next = guarded.ask(one);
    await turn();
    authority.release(NO);
    expect(await next).toEqual(NO);
  });

  it('gives the turn back when the authority breaks its promise never to reject', async () => {
    const broken = withBulkhead({ ask: () => Promise.reject(new Error('defect')) }, { ...limits, concurrency: 1 });
    await expect(broken.ask(one)).rejects.toThrow('defect');
    await expect(broken.ask(one)).rejects.toThrow('defect');
  });
});

describe('withBreaker', () => {
  const limits = { failures: 5, windowMs: 10_000, pauseMs: 5_000, maxPauseMs: 60_000 };
  const make = (answer: Verdict) => {
    const clock = fixedClock('2026-03-10T00:00:00Z');
    const authority = new ScriptedAuthority(answer);
    const changes: string[] = [];
    const guarded = withBreaker(authority, limits, clock, (state) => changes.push(state));
    const ask = async (times: number) => {
      for (let i = 0; i < times; i += 1) await guarded.ask(one);
    };
    return { clock, authority, guarded, ask, changes };
  };

  it('stops asking after five failures, tries once after five seconds, and goes on when that is answered', async () => {
    const { clock, authority, guarded, ask, changes } = make(DOWN);
    await ask(9);
    expect(authority.asked).toHaveLength(5);
    expect(await guarded.ask(one)).toMatchObject({ kind: 'unknown', about: 'authority', retryAfterMs: 5_000 });
    clock.advance(5_000);
    authority.answer = 'held';
    const probe = guarded.ask(one);
    await ask(3); // others wait while the probe is under way
    expect(authority.asked).toHaveLength(6);
    authority.release(YES);
    expect(await probe).toEqual(YES);
    authority.answer = NO;
    await ask(3);
    expect(authority.asked).toHaveLength(9);
    expect(changes).toEqual(['paused', 'resumed']);
  });

  it.each([
    ['after failures', 5, DOWN],
    ['because it was asked to', 1, { ...DOWN, retryAfterMs: 20_000 } as Verdict],
  ])('tries again when the clock is set back while it pauses %s (T-42)', async (_, failures, answer) => {
    const { clock, authority, guarded, ask } = make(answer);
    await ask(failures);
    clock.advance(-2 * HOUR);
    authority.answer = YES;
    expect(await guarded.ask(one)).toEqual(YES);
    expect(authority.asked).toHaveLength(failures + 1);
  });

  it('tells nobody to wait longer than its longest pause, wherever the clock goes (T-42, T-110)', async () => {
    const { clock, guarded, ask } = make({ ...DOWN, retryAfterMs: 60_000 } as Verdict);
    await ask(1);
    clock.advance(-30_000);
    await ask(1);
    for (const move of [-1_000, 30_000, -40_000, 70_000]) {
      clock.advance(move);
      const { retryAfterMs = 0 } = (await guarded.ask(one)) as Unanswered;
      expect(retryAfterMs).toBeLessThanOrEqual(60_000);
    }
  });

  it('pauses again when the probe fails', async () => {
    const { clock, authority, ask, changes } = make(DOWN);
    await ask(5);
    clock.advance(5_000);
    await ask(4);
    clock.advance(4_999);
    await ask(4);
    expect(authority.asked).toHaveLength(6);
    expect(changes).toEqual(['paused']);
  });

  it('does not count failures that lie far apart, nor any before an answer', async () => {
    const { clock, authority, ask, changes } = make(DOWN);
    for (let i = 0; i < 20; i += 1) {
      clock.advance(3_000);
      await ask(1);
    }
    authority.answer = NO;
    await ask(1);
    authority.answer = DOWN;
    await ask(4);
    expect([authority.asked.length, changes]).toEqual([25, []]);
  });

  it('does not let questions that make no sense look like an outage (T-104)', async () => {
    const { authority, ask } = make(NONSENSE);
    await ask(50);
    expect(authority.asked).toHaveLength(50);
  });

  it('gives an authority the time it asks for, within reason (T-110)', async () => {
    const { clock, authority, ask } = make({ ...DOWN, retryAfterMs: 20_000 } as Verdict);
    await ask(3);
    clock.advance(19_999);
    await ask(1);
    expect(authority.asked).toHaveLength(1);
    authority.answer = { ...DOWN, retryAfterMs: 9_999_999 } as Verdict;
    clock.advance(1);
    await ask(2);
    clock.advance(60_000);
    await ask(1);
    expect(authority.asked).toHaveLength(3);
  });
});
