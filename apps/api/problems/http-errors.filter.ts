import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { type FastifyReply } from 'fastify';

import { AppError } from '#libs/kernel/errors.js';
import { type SampledLog } from '#libs/observability/sampled-log.js';

import { PROBLEM_TYPE, problemOf, problemOfStatus, type Problem } from './problem.js';
import { type Refusal, type Refusals } from './refusals.js';

/** The last resort: whatever was thrown becomes problem+json, and nothing internal leaks into it (RFC 9457). */
@Catch()
export class HttpErrorsFilter implements ExceptionFilter {
  constructor(
    private readonly refusals: Refusals,
    private readonly log: SampledLog,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    this.answer(error, host.switchToHttp().getResponse<FastifyReply>());
  }

  /** Also for what Fastify itself finds wrong, which no Nest filter sees. */
  answer(error: unknown, reply: FastifyReply): void {
    const problem = problemIn(error);
    if (problem.status >= 500) {
      const kind = problem.code ?? 'INTERNAL';
      this.log.write({ level: 'error', message: 'request failed', kind }, () => ({
        error,
        requestId: reply.request.id,
      }));
    }
    if (reply.raw.headersSent) reply.raw.destroy();
    else if (problem.status === 401) this.refusals.send(reply.hijack().raw, challengeOf(problem));
    else {
      void reply
        .code(problem.status)
        .header('Content-Type', PROBLEM_TYPE)
        .header('Cache-Control', 'no-store')
        .send(Buffer.from(JSON.stringify(problem)));
    }
  }
}

const challengeOf = ({ code }: Problem): Refusal => (code === 'TOKEN_REQUIRED' ? 'token-required' : 'unauthenticated');

function problemIn(error: unknown): Problem {
  if (error instanceof AppError) return problemOf(error);
  const status = error instanceof HttpException ? error.getStatus() : statusOf(error);
  return problemOfStatus(status >= 400 && status < 500 ? status : 500);
}

/** Fastify's errors carry their status. */
const statusOf = (error: unknown): number =>
  typeof error === 'object' && error !== null && 'statusCode' in error ? Number(error.statusCode) : 500;
