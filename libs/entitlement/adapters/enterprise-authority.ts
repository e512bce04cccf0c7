import { type Clock } from '#libs/kernel/clock.js';

import { basicHeader } from '../basic-credentials.js';
import { type LicenceAuthority, type SystemCredentials, type Verdict } from '../entitlement.js';
import { type HttpQuestion } from './http-question.js';
import { isYes, judgeNoYes } from './judge-answer.js';

/** Presents the same Basic credentials to `ENTERPRISE_ENDPOINT`; any 2xx is a yes. */
export class EnterpriseAuthority implements LicenceAuthority {
  constructor(
    private readonly question: HttpQuestion,
    private readonly clock: Clock,
  ) {}

  async ask(credentials: SystemCredentials): Promise<Verdict> {
    try {
      const answer = await this.question.ask(basicHeader(credentials));
      return isYes(answer) ? { kind: 'entitled', until: undefined } : judgeNoYes(answer, this.clock.now());
    } catch (cause) {
      return { kind: 'unknown', about: 'authority', cause };
    }
  }
}
