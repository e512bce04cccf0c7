import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';

export interface AskedQuestion {
  readonly at: number;
  readonly authorization: string | undefined;
  readonly method: string | undefined;
  readonly url: string | undefined;
}

export type Reply = (request: IncomingMessage, response: ServerResponse) => void;

/** A licence server that does what a test tells it, and remembers what it was asked. */
export interface FakeAuthority {
  readonly url: URL;
  readonly questions: readonly AskedQuestion[];
  /** The most questions that were ever under way at once. */
  readonly mostAtOnce: () => number;
  reply(reply: Reply): void;
  close(): Promise<void>;
}

export const status =
  (code: number, headers: Readonly<Record<string, string>> = {}, body: string | Buffer = ''): Reply =>
  (_, response) =>
    void response.writeHead(code, headers).end(body);

export const json = (value: unknown): Reply =>
  status(200, { 'Content-Type': 'application/json' }, JSON.stringify(value));

export const subscription = (validUntil: unknown): Reply => json({ subscription: { valid_until: validUntil } });

/** Takes the question and never answers. */
export const silence: Reply = () => undefined;

/** The connection ends without an answer. */
export const hangUp: Reply = (request) => void request.socket.destroy();

/** Answers a question that asked for nothing of the kind with another protocol. */
export const switchProtocols: Reply = (request) =>
  void request.socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n');

/** Says first that more will come. */
export const hinted =
  (reply: Reply): Reply =>
  (request, response) => {
    request.socket.write('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </>\r\n\r\n');
    reply(request, response);
  };

/** Sends headers, and then bytes for ever. */
export const endless: Reply = (_, response) => {
  response.writeHead(200);
  const more = (): void => {
    while (!response.destroyed && response.write('x'.repeat(16_384)));
  };
  response.on('drain', more);
  more();
};

/** Promises more than it sends. */
export const cut =
  (body: string): Reply =>
  (request, response) => {
    response.writeHead(200, { 'Content-Length': String(body.length + 10) });
    response.write(body, () => void request.socket.destroy());
  };

export async function startFakeAuthority(first: Reply = status(200)): Promise<FakeAuthority> {
  const questions: AskedQuestion[] = [];
  let reply = first;
  let [underWay, most] = [0, 0];
  const server = createServer((request, response) => {
    const { method, url, headers } = request;
    questions.push({ at: Date.now(), authorization: headers.authorization, method, url });
    underWay += 1;
    most = Math.max(most, underWay);
    response.once('close', () => (underWay -= 1));
    reply(request, response);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: new URL(`http://127.0.0.1:${String(port)}/check`),
    questions,
    mostAtOnce: () => most,
    reply: (next) => void (reply = next),
    close: () => closed(server),
  };
}

async function closed(server: Server): Promise<void> {
  if (!server.listening) return;
  const end = once(server.close(), 'close');
  server.closeAllConnections();
  await end;
}
