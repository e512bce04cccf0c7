import { type FastifyReply, type FastifyRequest } from 'fastify';

import { type FileTarget } from '#libs/delivery/request-target.js';
import { type Log, type LogFields } from '#libs/observability/log.js';
import { type Counter, type Histogram, type Labels, type Metrics } from '#libs/observability/metrics.js';
import { type SampledLog } from '#libs/observability/sampled-log.js';

import { type FileRequest } from '../files/file-request.js';
import { fileTargetOf } from './targets.js';

const FILE_REQUEST = 'file request';
/** Characters of what a client says that a line about a refusal shows: enough to know it again. */
const SHOWN = 200;

/** Seconds. */
const BUCKETS = [0.001, 0.005, 0.025, 0.1, 0.5, 1, 5, 10, 60];

/**
 * Counts every request, and writes one line about each file that was delivered. Anybody can be refused as often as they
 * like, so that must not fill a disk (trust T-141): refusals are sampled, status by status, and the challenges that
 * uclient-fetch collects before each of its requests are only counted.
 */
export class AccessLog {
  private readonly requests: Counter;
  private readonly seconds: Histogram;
  private readonly labels = new Map<number, Labels>();

  constructor(
    private readonly log: Log,
    private readonly sampled: SampledLog,
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
  onResponse(request: FastifyRequest, reply: FastifyReply): void {
    const { statusCode: status } = reply.raw;
    this.count(status);
    this.seconds.observe(reply.elapsedTime / 1_000);
    const target = fileTargetOf(request.raw);
    if (target === undefined || status === 401) return;
    const facts = (): LogFields => factsOf(request as FileRequest, target, reply);
    if (status < 400) this.log.info(FILE_REQUEST, facts());
    else this.sampled.write({ level: 'info', message: FILE_REQUEST, kind: status }, () => cut(facts()));
  }

  private labelOf(status: number): Labels {
    const label = this.labels.get(status) ?? { status: String(status) };
    this.labels.set(status, label);
    return label;
  }
}

const factsOf = ({ method, user, delivery, ip }: FileRequest, target: FileTarget, reply: FastifyReply): LogFields => ({
  method,
  edition: target.edition,
  repository: target.repository,
  path: target.path, // without the query, which may hold what is none of our business
  system: user.systemId,
  status: reply.raw.statusCode,
  snapshot: delivery?.snapshot.id,
  ms: Math.round(reply.elapsedTime * 100) / 100,
  complete: reply.raw.writableFinished,
  client: ip,
});

const cut = (facts: LogFields): LogFields =>
  Object.fromEntries(
    Object.entries(facts).map(([name, value]) => [name, typeof value === 'string' ? shortened(value) : value]),
  );

const shortened = (text: string): string => (text.length <= SHOWN ? text : `${text.slice(0, SHOWN)}…`);
