import { type ServerResponse } from 'node:http';

import { All, Controller, Inject, Req, Res, UseGuards } from '@nestjs/common';
import { type FastifyReply } from 'fastify';

import { AnswerFileRequest, type FileAnswer } from '#libs/delivery/answer-file-request.js';
import { type Delivery } from '#libs/delivery/delivery.js';
import { ReportDamage } from '#libs/delivery/report-damage.js';
import { MINUTE } from '#libs/kernel/duration.js';
import { messageOf } from '#libs/kernel/errors.js';
import { systemCode } from '#libs/kernel/system-code.js';
import { SampledLog } from '#libs/observability/sampled-log.js';

import { BasicGuard } from '../credentials/basic.guard.js';
import { DamagedBlob } from './blob-file.js';
import { type FileRequest } from './file-request.js';

import { Refusals } from '../problems/refusals.js';
import { SendDelivery } from './send-delivery.js';
import { FILES_ROUTE, fileTargetOf } from '../server/targets.js';

const DAMAGE_RETRY = MINUTE;

/** `GET|HEAD /repository/{edition}/{repository}/{path}`. */
@Controller()
export class FilesController {
  constructor(
    @Inject(AnswerFileRequest) private readonly answerFileRequest: AnswerFileRequest,
    @Inject(SendDelivery) private readonly sendDelivery: SendDelivery,
    @Inject(Refusals) private readonly refusals: Refusals,
    @Inject(ReportDamage) private readonly reportDamage: ReportDamage,
    @Inject(SampledLog) private readonly log: SampledLog,
  ) {}

  @All(FILES_ROUTE)
  @UseGuards(BasicGuard)
  async file(@Req() request: FileRequest, @Res() reply: FastifyReply): Promise<void> {
    const target = fileTargetOf(request.raw);
    const answer = target && (await this.answerFileRequest.run(target, request.user));
    await this.show(answer ?? { kind: 'not-found' }, request, reply.hijack().raw);
  }

  private show(answer: FileAnswer, request: FileRequest, response: ServerResponse): Promise<void> | undefined {
    if (answer.kind !== 'deliver') {
      this.refusals.send(response, answer.kind, answer.kind === 'unknown' ? answer.retryAfterMs : undefined);
      return undefined;
    }
    request.delivery = answer.delivery;
    return this.deliver(answer.delivery, request, response);
  }

  private async deliver(delivery: Delivery, request: FileRequest, response: ServerResponse): Promise<void> {
    try {
      await this.sendDelivery.run(delivery, request.raw, response);
    } catch (error) {
      if (error instanceof DamagedBlob) void this.reportDamage.run(delivery, messageOf(error));
      this.tell(delivery, error);
      this.refusals.send(response, 'damaged', DAMAGE_RETRY); // not 404: the file exists, we cannot give it (trust T-134)
    }
  }

  /** A lost disk is asked for by everybody, and no stack says more about it than its code (trust T-141). */
  private tell({ repository, snapshot, file }: Delivery, error: unknown): void {
    const isDamage = error instanceof DamagedBlob;
    const code = isDamage ? 'CONTENT_DAMAGED' : systemCode(error);
    this.log.write({ level: 'error', message: 'file could not be sent', kind: code }, () => ({
      code,
      repository,
      snapshot: snapshot.id,
      path: file.path,
      ...(isDamage ? { reason: messageOf(error) } : { error }),
    }));
  }
}
