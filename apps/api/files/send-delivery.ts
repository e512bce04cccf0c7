import { closeSync } from 'node:fs';
import { type IncomingMessage, type ServerResponse } from 'node:http';
import { pipeline, type Readable } from 'node:stream';

import { type ChooseWay } from '#libs/delivery/choose-way.js';
import { type Delivery } from '#libs/delivery/delivery.js';
import { isAppError } from '#libs/kernel/errors.js';
import { type ByteRange, type Disk } from '#libs/storage/disk.js';
import { type ObjectKey } from '#libs/storage/object-key.js';

import { assertSize, DamagedBlob, openBlob, readWhole, streamOf } from './blob-file.js';
import { HotContents } from './hot-contents.js';
import { planDelivery, type ResponsePlan } from './response-plan.js';

/** Files up to this many bytes are read at once: for them a stream costs far more than the reading. */
const SMALL = 128 * 1024;

/**
 * Sends a file, or what HTTP has in its place, or has nginx send it. It writes to Node's response itself. Until the first byte is out,
 * everything that goes wrong is thrown: `DamagedBlob`, or an error of the disk.
 */
export class SendDelivery {
  constructor(
    private readonly disk: Disk,
    private readonly chooseWay: Pick<ChooseWay, 'run'>,
    private readonly hotContents = new HotContents(),
  ) {}

  async run(delivery: Delivery, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', headers } = request;
    const way = this.chooseWay.run(delivery, { method, headers });
    const plan = planDelivery(way, delivery, request);
    const path = plan.range && this.disk.localPath(delivery.blob);
    if (plan.range === undefined) begin(response, plan).end();
    else if (path !== undefined) this.sendFile(path, delivery.file.size, plan.range, { method, response, plan });
    else await this.sendObject(delivery, plan.range, { method, response, plan });
  }

  /** From a disk without local files, which is asked first, so that damage shows before the headers, as with a file. */
  private async sendObject({ blob, file }: Delivery, range: ByteRange, { method, response, plan }: Exchange) {
    assertSize((await this.disk.stat(blob))?.size, file.size);
    if (method === 'HEAD' || lengthOf(range) === 0) begin(response, plan).end();
    else stream(await readContent(this.disk, blob, range), range, response, plan);
  }

  private sendFile(path: string, size: number, range: ByteRange, { method, response, plan }: Exchange): void {
    if (method === 'HEAD' || plan.byNginx) {
      closeSync(openBlob(path, size));
      begin(response, plan).end();
    } else if (size <= SMALL) {
      const content = this.hotContents.read(path, size); // before the headers: it may fail
      begin(response, plan).end(lengthOf(range) === size ? content : content.subarray(range.start, range.end + 1));
    } else sendPart(openBlob(path, size), range, response, plan);
  }
}

interface Exchange {
  readonly method: string;
  readonly response: ServerResponse;
  readonly plan: ResponsePlan;
}

function sendPart(fd: number, range: ByteRange, response: ServerResponse, plan: ResponsePlan): void {
  if (lengthOf(range) > SMALL) stream(streamOf(fd, range), range, response, plan);
  else {
    const bytes = readWhole(fd, range);
    begin(response, plan).end(bytes);
  }
}

async function readContent(disk: Pick<Disk, 'read'>, blob: ObjectKey, range: ByteRange): Promise<Readable> {
  try {
    return await disk.read(blob, range);
  } catch (error) {
    if (isAppError(error, 'OBJECT_NOT_FOUND')) throw new DamagedBlob('content is missing', { cause: error });
    throw error;
  }
}

const begin = (response: ServerResponse, { status, headers }: ResponsePlan): ServerResponse =>
  response.writeHead(status, headers as string[]);

function stream(body: Readable, range: ByteRange, response: ServerResponse, plan: ResponsePlan): void {
  const { socket } = begin(response, plan).req; // the response itself has it only while it is its turn
  let sent = 0;
  body.on('data', (chunk: Buffer) => (sent += chunk.length));
  // A file that ends early, or cannot be read on, ends the connection: the client must not take it for whole.
  pipeline(body, response, () => {
    if (sent !== lengthOf(range)) socket.destroy();
  });
}

const lengthOf = ({ start, end }: ByteRange): number => end - start + 1;
