import { type FastifyReply, type FastifyRequest } from 'fastify';

import { type Log } from '#libs/observability/log.js';
import { type Counter, type Histogram, type Labels, type Metrics } from '#libs/observability/metrics.js';

import { type FileRequest } from '../files/file-request.js';
import { fileTargetOf } from './targets.js';

/** Seconds. */
const BUCKETS = [0.001, 0.005, 0.025, 0.1, 0.5, 1, 5, 10, 60];

/**
 * Counts every request, and writes one line about each file request that presented credentials. The challenges that
 * uclient-fetch collects before each of its requests are only counted, so that they cannot fill a disk (trust T-141).
 */
export class AccessLog {
  private readonly requests: Counter;
  private readonly seconds: Histogram;
  private readonly labels = new Map<number, Labels>();

  constructor(
    private readonly log: Log,
    metrics: Metrics,
  ) {
    this.requests = metrics.counter('http_requests_total', 'Requests answered, by status.', ['status']);
    this.seconds = metrics.histogram('http_request_seconds', 'Time to the end of the answer.', [], BUCKETS);
  }

  /** What was answered at once. */
  count(status: number): void {
    this.requests.add(this.labelOf(status));
  }

  /** When the last byte of an answer is out, or its client has left. */
  onResponse(request: FastifyRequest, { raw, elapsedTime }: FastifyReply): void {
    const { statusCode: status } = raw;
    this.count(status);
    this.seconds.observe(elapsedTime / 1_000);
    const target = fileTargetOf(request.raw);
    if (target === undefined || status === 401) return;
    const { user, delivery } = request as FileRequest;
    this.log.info('file request', {
      method: request.method,
      edition: target.edition,
      repository: target.repository,
      path: target.path, // without the query, which may hold what is none of our business
      system: user.systemId,
      status,
      snapshot: delivery?.snapshot.id,
      ms: Math.round(elapsedTime * 100) / 100,
      complete: raw.writableFinished,
      client: request.ip,
    });
  }

  private labelOf(status: number): Labels {
    const label = this.labels.get(status) ?? { status: String(status) };
    this.labels.set(status, label);
    return label;
  }
}
