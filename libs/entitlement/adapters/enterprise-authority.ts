import { type Clock } from '#libs/kernel/clock.js';

import { basicHeader } from '../basic-credentials.js';
import { type LicenceAuthority, type SystemCredentials, type Verdict } from '../entitlement.js';
import { type HttpAnswer, type HttpQuestion } from './http-question.js';
import { isYes, judgeNoYes } from './judge-answer.js';

/** Presents the same Basic credentials to `ENTERPRISE_ENDPOINT`; any 2xx is a yes, unless it is a web page. */
export class EnterpriseAuthority implements LicenceAuthority {
  constructor(
    private readonly question: HttpQuestion,
    private readonly clock: Clock,
  ) {}

  async ask(credentials: SystemCredentials): Promise<Verdict> {
    try {
      const answer = await this.question.ask(basicHeader(credentials));
      if (!isYes(answer)) return judgeNoYes(answer, this.clock.now());
      if (!isPage(answer)) return { kind: 'entitled', until: undefined };
      return { kind: 'unknown', about: 'authority', cause: new Error('the authority answered with a web page') };
    } catch (cause) {
      return { kind: 'unknown', about: 'authority', cause };
    }
  }
}

/**
 * Captive portals, and proxies in maintenance, answer 200 with a page to everything (trust T-108). Only what really is
 * one: some frameworks call any text HTML, also a bare "ok".
 */
const isPage = ({ headers, body }: HttpAnswer): boolean =>
  /html/i.test(headers['content-type'] ?? '') && body.trimStart().startsWith('<');
