import { Controller, Get, Header, Inject, Res } from '@nestjs/common';
import { type FastifyReply } from 'fastify';

import { MaintenanceWatch } from '#libs/maintenance/maintenance-watch.js';

import { PROBLEM_TYPE, problemOfStatus, STATUS } from '../problems/problem.js';
import { FreeSpace, type Volume } from './free-space.js';
import { Readiness } from './readiness.js';
import { StaleCount } from './stale-count.js';

type Status = 'ok' | 'maintenance';

/** What somebody should look at, although it keeps nobody from being served. */
interface Warnings {
  readonly staleRepositories?: number;
  readonly littleSpace?: readonly Volume[];
}

/** Answers without credentials, and names no repository: that would tell strangers what there is. */
@Controller()
export class HealthController {
  constructor(
    @Inject(Readiness) private readonly readiness: Readiness,
    @Inject(StaleCount) private readonly stale: StaleCount,
    @Inject(FreeSpace) private readonly space: FreeSpace,
    @Inject(MaintenanceWatch) private readonly maintenance: MaintenanceWatch,
  ) {}

  /** The process runs. */
  @Get(['up', 'health/live'])
  @Header('Cache-Control', 'no-store')
  live(): { readonly status: Status } {
    return { status: this.status() };
  }

  /** Ready in a maintenance, too: the answers that clients get then are ours, and so is letting in who may. */
  @Get('health/ready')
  async ready(@Res() reply: FastifyReply): Promise<void> {
    const problems = await this.readiness.problems();
    void reply.header('Cache-Control', 'no-store');
    if (problems.length === 0) void reply.send({ status: this.status(), ...(await this.warnings()) });
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

  private status(): Status {
    return this.maintenance.current === undefined ? 'ok' : 'maintenance';
  }

  private async warnings(): Promise<Warnings> {
    const [staleRepositories, littleSpace] = await Promise.all([this.stale.get(), this.space.little()]);
    return { ...(staleRepositories && { staleRepositories }), ...(littleSpace.length > 0 && { littleSpace }) };
  }
}
