import { closeSync } from 'node:fs';
import { type ServerResponse } from 'node:http';
import { pipeline, type Readable } from 'node:stream';

import { type FastifyReply, type FastifyRequest } from 'fastify';

import { type Delivery } from '#libs/delivery/delivery.js';
import { type ByteRange, type Disk } from '#libs/storage/disk.js';

import { openBlob, readWhole, streamOf } from './blob-file.js';
import { planResponse, type ResponsePlan } from './response-plan.js';

/** Files up to this many bytes are read at once: for them a stream costs far more than the reading. */
const SMALL = 128 * 1024;

/**
 * Sends a file, or what HTTP has in its place. It writes to Node's response itself. Until the first byte is out,
 * everything that goes wrong is thrown: `DamagedBlob`, or an error of the disk.
 */
export class SendDelivery {
  constructor(private readonly disk: Disk) {}

  async run(delivery: Delivery, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const plan = planResponse(delivery, request.method, request.headers);
    const path = plan.range && this.disk.localPath(delivery.blob);
    if (plan.range === undefined) begin(reply, plan).end();
    else if (path !== undefined) sendFile(path, delivery.file.size, plan.range, { request, reply, plan });
    else if (request.method === 'HEAD' || lengthOf(plan.range) === 0) begin(reply, plan).end();
    else stream(await this.disk.read(delivery.blob, plan.range), plan.range, reply, plan);
  }
}

interface Exchange {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly plan: ResponsePlan;
}

function sendFile(path: string, size: number, range: ByteRange, { request, reply, plan }: Exchange): void {
  const fd = openBlob(path, size);
  if (request.method === 'HEAD') {
    closeSync(fd);
    begin(reply, plan).end();
  } else if (lengthOf(range) <= SMALL) {
    const bytes = readWhole(fd, range); // before the headers: it may fail
    begin(reply, plan).end(bytes);
  } else stream(streamOf(fd, range), range, reply, plan);
}

/** From here on the response is ours, and Fastify only looks on. */
function begin(reply: FastifyReply, { status, headers }: ResponsePlan): ServerResponse {
  reply.hijack();
  return reply.raw.writeHead(status, headers as string[]);
}

function stream(body: Readable, range: ByteRange, reply: FastifyReply, plan: ResponsePlan): void {
  const response = begin(reply, plan);
  const { socket } = response; // the response lets go of it when it has ended
  let sent = 0;
  body.on('data', (chunk: Buffer) => (sent += chunk.length));
  // A file that ends early, or cannot be read on, ends the connection: the client must not take it for whole.
  pipeline(body, response, () => {
    if (sent !== lengthOf(range)) socket?.destroy();
  });
}

const lengthOf = ({ start, end }: ByteRange): number => end - start + 1;
