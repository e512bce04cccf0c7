import { type FastifyReply, type FastifyRequest } from 'fastify';

import { type Delivery } from '#libs/delivery/delivery.js';
import { type Log } from '#libs/observability/log.js';
import { type Metrics } from '#libs/observability/metrics.js';

import { type FileRequest, targetOf } from './targets.js';

export type OnResponse = (request: FastifyRequest, reply: FastifyReply, done: () => void) => void;

const delivered = new WeakMap<FastifyRequest, Delivery>();

/** For the line in the log: what was decided to be sent. */
export const noteAnswer = (request: FastifyRequest, delivery: Delivery): void => void delivered.set(request, delivery);

/** Seconds. */
const BUCKETS = [0.001, 0.005, 0.025, 0.1, 0.5, 1, 5, 10, 60];

/**
 * Counts every request, and writes one line about each that presented credentials or went wrong. The challenges that
 * uclient-fetch collects before each of its requests are only counted, so that they cannot fill a disk (trust T-141).
 */
export function accessLog(log: Log, metrics: Metrics): OnResponse {
  const requests = metrics.counter('http_requests_total', 'Requests answered, by status.', ['status']);
  const seconds = metrics.histogram('http_request_seconds', 'Time from request to the end of the answer.', [], BUCKETS);
  const labels = new Map<number, { readonly status: string }>();
  const labelOf = (status: number): { readonly status: string } => {
    const label = labels.get(status) ?? { status: String(status) };
    labels.set(status, label);
    return label;
  };
  return (request, reply, done) => {
    const status = reply.raw.statusCode;
    requests.add(labelOf(status));
    seconds.observe(reply.elapsedTime / 1_000);
    if (status !== 401 && targetOf(request).kind === 'file') log.info('file request', fieldsOf(request, reply, status));
    done();
  };
}

/** The query is left out: it may hold what is none of our business. */
function fieldsOf(request: FastifyRequest, reply: FastifyReply, status: number): Record<string, unknown> {
  const target = targetOf(request);
  const delivery = delivered.get(request);
  return {
    method: request.method,
    status,
    ms: Math.round(reply.elapsedTime * 100) / 100,
    system: (request as Partial<FileRequest>).user?.systemId,
    ...(target.kind === 'file' && { edition: target.edition, repository: target.repository, path: target.path }),
    ...(delivery && { snapshot: delivery.snapshot.id }),
    complete: reply.raw.writableFinished,
    client: request.ip,
  };
}
