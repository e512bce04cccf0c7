import { hash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { pipeline, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';

import { type S3Settings } from '#libs/config/config.js';
import { Secret } from '#libs/config/secret.js';

/**
 * What happens to a request in place of what should. `refuse`: a status, with the name of the error · `reset`: the connection is cut before
 * anything is done · `lose`: it is done, and the connection cut before the answer · `cut`: half of the answer's body ·
 * `stall`: no answer at all · `store half`, `store wrong`: other bytes are kept than were sent · `repeat`: a list has its
 * first key twice · `date`: the server's clock is that far from ours.
 */
export type Fault =
  | { readonly kind: 'refuse'; readonly status: number; readonly error: string }
  | { readonly kind: 'reset' | 'lose' | 'cut' | 'stall' | 'store half' | 'store wrong' | 'repeat' };

export interface ScriptedRequest {
  readonly method: string;
  readonly key: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
}

interface Stored {
  readonly bytes: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

const BUCKET = 'bucket';

/**
 * An S3 server of one bucket that does what it is told to do wrong. As AWS does, it knows conditional writes, and refuses
 * requests that carry credentials in two ways. It does not check signatures; the real server of the other tests does.
 */
export class ScriptedS3 {
  readonly requests: ScriptedRequest[] = [];
  readonly objects = new Map<string, Stored>();
  /** Answers that the client did not take to their end. */
  abandoned = 0;
  private readonly script: { readonly when: (request: ScriptedRequest) => boolean; times: number; fault: Fault }[] = [];

  private constructor(private readonly server: Server) {
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      this.answer(request, response).catch(() => request.socket.destroy());
    });
  }

  static async start(): Promise<ScriptedS3> {
    const server = createServer();
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return new ScriptedS3(server);
  }

  get settings(): S3Settings {
    const { port } = this.server.address() as AddressInfo;
    const account = { accessKeyId: 'key', secretAccessKey: new Secret('secret') };
    return { endpoint: new URL(`http://127.0.0.1:${String(port)}`), region: 'us-east-1', bucket: BUCKET, pathStyle: true, ...account };
  }

  /** The next requests of that method go wrong in this way. */
  fail(method: string, fault: Fault, times = 1): void {
    this.script.push({ when: (request) => request.method === method, times, fault });
  }

  count(method: string): number {
    return this.requests.filter((request) => request.method === method).length;
  }

  async stop(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://x');
    const key = decodeURIComponent(pathname).replace(`/${BUCKET}`, '').replace(/^\//, '');
    const asked = { method: String(request.method), key, query, headers: request.headers };
    this.requests.push(asked);
    const body = await buffer(request);
    const fault = this.faultFor(asked);
    if (fault?.kind === 'stall') return;
    if (fault?.kind === 'reset') throw new Error('told to');
    const refusal = fault?.kind === 'refuse' ? fault : refusalOf(asked);
    if (refusal === undefined) this.serve(asked, body, fault, response);
    else refuse(response, refusal.status, refusal.error);
  }

  private faultFor(request: ScriptedRequest): Fault | undefined {
    const due = this.script.find(({ when, times }) => times > 0 && when(request));
    if (due !== undefined) due.times -= 1;
    return due?.fault;
  }

  private serve(asked: ScriptedRequest, body: Buffer, fault: Fault | undefined, response: ServerResponse): void {
    const { method, key, query } = asked;
    if (query.has('uploads')) xml(response, '<ListMultipartUploadsResult/>');
    else if (key === '') this.list(query, fault?.kind === 'repeat', response);
    else if (method === 'PUT') this.put(asked, body, fault, response);
    else if (method === 'DELETE') {
      this.objects.delete(key);
      response.writeHead(204).end();
    } else this.get(asked, fault?.kind === 'cut', response);
  }

  private put({ key, headers }: ScriptedRequest, body: Buffer, fault: Fault | undefined, response: ServerResponse): void {
    if (headers['if-none-match'] === '*' && this.objects.has(key)) {
      refuse(response, 412, 'PreconditionFailed');
      return;
    }
    const half = body.subarray(0, body.length / 2);
    const bytes = fault?.kind === 'store half' ? half : fault?.kind === 'store wrong' ? Buffer.alloc(body.length) : body;
    const meta = Object.entries(headers).filter(([name]) => name.startsWith('x-amz-meta-'));
    this.objects.set(key, { bytes, headers: Object.fromEntries(meta) as Record<string, string> });
    if (fault?.kind === 'lose') response.destroy();
    else response.writeHead(200, { ETag: etagOf(bytes) }).end();
  }

  private get({ method, key, headers }: ScriptedRequest, cut: boolean, response: ServerResponse): void {
    const stored = this.objects.get(key);
    const etag = etagOf(stored?.bytes ?? Buffer.alloc(0));
    if (stored === undefined) refuse(response, 404, 'NoSuchKey');
    else if ((headers['if-match'] ?? etag) !== etag) refuse(response, 412, 'PreconditionFailed');
    else {
      const part = partOf(stored.bytes, headers.range);
      const facts = { ETag: etag, 'Last-Modified': new Date(0).toUTCString(), ...stored.headers };
      response.writeHead(headers.range === undefined ? 200 : 206, { ...facts, 'Content-Length': part.length });
      if (method === 'HEAD') response.end();
      else this.send(part, cut, response);
    }
  }

  private send(part: Buffer, cut: boolean, response: ServerResponse): void {
    if (cut) response.write(part.subarray(0, part.length / 2), () => response.destroy());
    else pipeline(Readable.from(inPieces(part)), response, (error) => (this.abandoned += error ? 1 : 0));
  }

  private list(query: URLSearchParams, repeat: boolean, response: ServerResponse): void {
    const keys = [...this.objects.keys()].filter((key) => key.startsWith(query.get('prefix') ?? '')).sort();
    const listed = repeat ? [...keys.slice(0, 1), ...keys] : keys;
    const contents = listed.map((key) => `<Contents><Key>${encodeURIComponent(key)}</Key><Size>${String(this.objects.get(key)?.bytes.length)}</Size></Contents>`);
    xml(response, `<ListBucketResult><IsTruncated>false</IsTruncated>${contents.join('')}</ListBucketResult>`);
  }
}

/** As AWS has it. */
const refusalOf = ({ query, headers }: ScriptedRequest): { readonly status: number; readonly error: string } | undefined =>
  query.has('X-Amz-Signature') && headers.authorization !== undefined ? { status: 400, error: 'InvalidArgument' } : undefined;

function partOf(bytes: Buffer, range = ''): Buffer {
  const [, start = '0', end = ''] = /^bytes=(\d+)-(\d*)$/.exec(range) ?? [];
  return bytes.subarray(Number(start), end === '' ? undefined : Number(end) + 1);
}

function* inPieces(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
}

const etagOf = (bytes: Buffer): string => `"${hash('md5', bytes)}"`;

const xml = (response: ServerResponse, text: string): void => {
  response.writeHead(200, { 'Content-Type': 'application/xml' }).end(text);
};

const refuse = (response: ServerResponse, status: number, error: string): void => {
  const body = `<Error><Code>${error}</Code><Message>told to</Message></Error>`;
  response.writeHead(status, { 'Content-Type': 'application/xml' }).end(response.req.method === 'HEAD' ? '' : body);
};
