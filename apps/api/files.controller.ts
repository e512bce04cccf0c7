import { All, Controller, Inject, Req, Res, UseGuards } from '@nestjs/common';
import { type FastifyReply } from 'fastify';

import { AnswerFileRequest, type FileAnswer } from '#libs/delivery/answer-file-request.js';
import { type Delivery } from '#libs/delivery/delivery.js';
import { ReportDamage } from '#libs/delivery/report-damage.js';
import { messageOf } from '#libs/kernel/errors.js';
import { LOG, type Log } from '#libs/observability/log.js';

import { BasicGuard } from './basic.guard.js';
import { DamagedBlob } from './blob-file.js';
import { noteAnswer } from './access-log.js';

import { Refusals } from './refusals.js';
import { SendDelivery } from './send-delivery.js';
import { FILES_ROUTE, fileTargetOf, type FileRequest } from './targets.js';

/** `GET|HEAD /repository/{edition}/{repository}/{path}`. */
@Controller()
export class FilesController {
  constructor(
    @Inject(AnswerFileRequest) private readonly answerFileRequest: AnswerFileRequest,
    @Inject(SendDelivery) private readonly sendDelivery: SendDelivery,
    @Inject(Refusals) private readonly refusals: Refusals,
    @Inject(ReportDamage) private readonly reportDamage: ReportDamage,
    @Inject(LOG) private readonly log: Log,
  ) {}

  @All(FILES_ROUTE)
  @UseGuards(BasicGuard)
  async file(@Req() request: FileRequest, @Res() reply: FastifyReply): Promise<void> {
    const target = fileTargetOf(request);
    if (target === undefined) return void this.refusals.notFound(reply);
    const answer = await this.answerFileRequest.run(target, request.user);
    await this.show(answer, request, reply);
  }

  private async show(answer: FileAnswer, request: FileRequest, reply: FastifyReply): Promise<void> {
    switch (answer.kind) {
      case 'deliver':
        return this.deliver(answer.delivery, request, reply);
      case 'not-found':
        return void this.refusals.notFound(reply);
      case 'refused':
        return void this.refusals.refused(reply);
      case 'unknown':
        return void this.refusals.entitlementUnknown(reply, answer.retryAfterMs);
    }
  }

  private async deliver(delivery: Delivery, request: FileRequest, reply: FastifyReply): Promise<void> {
    noteAnswer(request, delivery);
    try {
      await this.sendDelivery.run(delivery, request, reply);
    } catch (error) {
      if (error instanceof DamagedBlob) void this.reportDamage.run(delivery, messageOf(error));
      this.log.error('file could not be sent', { error, repository: delivery.repository, path: delivery.file.path });
      this.refusals.damaged(reply); // not 404: the file exists, we cannot give it (trust T-134)
    }
  }
}
