import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface RawResponse {
  readonly status: number;
  /** By lower-case name; values of a repeated one are joined by a line end, which no header can hold. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Sends bytes as they are and gives back every response until the server closes: `fetch` would tidy up the request. */
export async function sendRaw(port: number, bytes: string | Buffer): Promise<readonly RawResponse[]> {
  const socket = await open(port);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => {
      resolve();
    });
  });
  socket.on('error', () => undefined); // a reset is an end too, which `once` would take for a failure
  socket.write(bytes);
  await closed;
  return responsesIn(Buffer.concat(chunks));
}

export async function open(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}

/** One request on a connection of its own; the target goes out as it is. */
export async function ask(
  port: number,
  target: string,
  { method = 'GET', headers = {}, version = '1.1', body = '' } = {},
): Promise<RawResponse> {
  const lines = Object.entries({ Host: 'test', Connection: 'close', ...headers }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  const request = Buffer.from([`${method} ${target} HTTP/${version}`, ...lines, '', body].join('\r\n'), 'latin1');
  const [response] = await sendRaw(port, request);
  if (response === undefined) throw new Error('the server answered nothing');
  return method === 'HEAD' ? { ...response, body: Buffer.alloc(0) } : response;
}

function responsesIn(bytes: Buffer): readonly RawResponse[] {
  const end = bytes.indexOf('\r\n\r\n');
  if (end === -1) return [];
  const [statusLine = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    const [name, value] = [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    headers[name] = headers[name] === undefined ? value : `${headers[name]}\n${value}`;
  }
  const start = end + 4;
  const status = Number(statusLine.split(' ')[1]);
  const untilClosed = status < 200 ? 0 : bytes.length - start;
  const length = headers['content-length'] === undefined ? untilClosed : Number(headers['content-length']);
  const response = { status, headers, body: bytes.subarray(start, start + length) };
  return [response, ...responsesIn(bytes.subarray(start + response.body.length))];
}
