import { Controller, Get, Header, Inject, Res } from '@nestjs/common';
import { type FastifyReply } from 'fastify';

import { PROBLEM_TYPE, problemOfStatus, STATUS } from '../problems/problem.js';
import { Readiness } from './readiness.js';
import { StaleCount } from './stale-count.js';

/** Answers without credentials, and names no repository: that would tell strangers what there is. */
@Controller()
export class HealthController {
  constructor(
    @Inject(Readiness) private readonly readiness: Readiness,
    @Inject(StaleCount) private readonly stale: StaleCount,
  ) {}

  /** The process runs. */
  @Get(['up', 'health/live'])
  @Header('Cache-Control', 'no-store')
  live(): { readonly status: 'ok' } {
    return { status: 'ok' };
  }

  @Get('health/ready')
  async ready(@Res() reply: FastifyReply): Promise<void> {
    const problems = await this.readiness.problems();
    void reply.header('Cache-Control', 'no-store');
    if (problems.length === 0) void reply.send({ status: 'ok', ...(await this.warnings()) });
    else {
      const problem = {
        ...problemOfStatus(STATUS.unavailable),
        code: 'NOT_READY',
        detail: `Not ready: ${problems.join(', ')}.`,
      };
      void reply.code(problem.status).header('Content-Type', PROBLEM_TYPE).header('Retry-After', '5');
      void reply.send(Buffer.from(JSON.stringify({ ...problem, problems })));
    }
  }

  /** What somebody should look at, although it keeps nobody from being served. */
  private async warnings(): Promise<{ readonly staleRepositories?: number }> {
    const staleRepositories = await this.stale.get();
    return staleRepositories ? { staleRepositories } : {};
  }
}
