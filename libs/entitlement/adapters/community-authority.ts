import { z } from 'zod';

import { type Clock } from '#libs/kernel/clock.js';

import { type LicenceAuthority, type SystemCredentials, type Verdict } from '../entitlement.js';
import { parseValidUntil } from '../verdicts/valid-until.js';
import { type HttpAnswer, type HttpQuestion } from './http-question.js';
import { isYes, judgeNoYes } from './judge-answer.js';

const answerSchema = z.object({ subscription: z.object({ valid_until: z.unknown() }) });

/** Presents the secret as a token to `COMMUNITY_ENDPOINT`, which tells in JSON until when the subscription lasts. */
export class CommunityAuthority implements LicenceAuthority {
  constructor(
    private readonly question: HttpQuestion,
    private readonly clock: Clock,
  ) {}

  async ask({ secret }: SystemCredentials): Promise<Verdict> {
    try {
      const answer = await this.question.ask(`token ${secret}`);
      return isYes(answer) ? this.judge(answer) : judgeNoYes(answer, this.clock.now());
    } catch (cause) {
      return { kind: 'unknown', about: 'authority', cause };
    }
  }

  private judge({ body }: HttpAnswer): Verdict {
    const answer = answerSchema.safeParse(parseJson(body));
    if (!answer.success) {
      return { kind: 'unknown', about: 'authority', cause: new Error('the answer is not a subscription') };
    }
    const until = parseValidUntil(answer.data.subscription.valid_until);
    if (until === undefined) {
      return { kind: 'unknown', about: 'question', cause: new Error('subscription.valid_until is not a date') };
    }
    return until > this.clock.now() ? { kind: 'entitled', until } : { kind: 'refused' };
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
