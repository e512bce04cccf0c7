import { Controller, Header, HttpCode, Inject, Post, Req, UseGuards } from '@nestjs/common';
import { type FastifyRequest } from 'fastify';

import { actor } from '#libs/kernel/actor.js';
import { AppError } from '#libs/kernel/errors.js';
import { RequestMilestone } from '#libs/releases/request-milestone.js';
import { type RequestedRun } from '#libs/syncing/request-run.js';

import { BearerGuard } from '../credentials/bearer.guard.js';
import { MILESTONE_ROUTE, milestoneTargetOf } from '../server/targets.js';

const BY_TOKEN = { actor: actor('api', 'milestone-token') };

/** `POST /repository/{repository}/milestone`, for CI. It can neither end a freeze nor purge. */
@Controller()
export class MilestoneController {
  constructor(@Inject(RequestMilestone) private readonly requestMilestone: RequestMilestone) {}

  @Post(MILESTONE_ROUTE)
  @HttpCode(202)
  @Header('Cache-Control', 'no-store')
  @UseGuards(BearerGuard)
  async request(@Req() { raw }: FastifyRequest): Promise<ReturnType<typeof toView>> {
    const repository = milestoneTargetOf(raw)?.repository;
    if (repository === undefined)
      throw new AppError('not-found', 'REPOSITORY_NOT_FOUND', 'There is no such repository.');
    return toView(await this.requestMilestone.run({ repository, act: BY_TOKEN }));
  }
}

const toView = ({ run, joined }: RequestedRun) => ({
  message: joined ? 'A milestone release of this repository is under way already.' : 'The milestone release is queued.',
  run: run.id,
});
