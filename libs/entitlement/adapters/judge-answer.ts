import { SECOND } from '#libs/kernel/duration.js';

import { type Verdict } from '../entitlement.js';
import { type HttpAnswer } from './http-question.js';

const REFUSALS: ReadonlySet<number> = new Set([401, 403, 404]);

/**
 * What a status says when it is no yes: only 401, 403 and 404 are a no. A redirect, 429 or 5xx concerns the authority, any
 * other refusal of the request only this question, so that nobody can make the authority look down by asking nonsense.
 */
export function judgeNoYes({ status, headers }: HttpAnswer, now: Date): Verdict {
  if (REFUSALS.has(status)) return { kind: 'refused' };
  const cause = new Error(`the authority answered ${String(status)}`);
  const aboutQuestion = status >= 400 && status < 500 && status !== 429 && status !== 408;
  const patience = status === 429 || status === 503 ? retryAfterMs(headers['retry-after'], now) : undefined;
  return {
    kind: 'unknown',
    about: aboutQuestion ? 'question' : 'authority',
    cause,
    ...(patience !== undefined && { retryAfterMs: patience }),
  };
}

export const isYes = ({ status }: HttpAnswer): boolean => status >= 200 && status < 300;

/** RFC 9110 section 10.2.3: seconds, or a date. */
function retryAfterMs(value: string | undefined, now: Date): number | undefined {
  if (value === undefined) return undefined;
  const wait = /^\d{1,9}$/.test(value) ? Number(value) * SECOND : Date.parse(value) - now.getTime();
  return wait > 0 ? wait : undefined;
}
