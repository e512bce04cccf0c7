import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';

/*
 * node load-generator.js <port> <connections> <seconds|once> <file of paths> [<Authorization header>]
 *
 * Asks a server on this machine over and over, or once for each path, and prints the outcome as JSON.
 */

const END_OF_HEAD = '\r\n\r\n';

/** What all connections share. */
class Tally {
  readonly milliseconds: number[] = [];
  refused = 0;
  broken = 0;
  private asked = 0;
  private readonly end: number;

  constructor(
    private readonly requests: readonly Buffer[],
    private readonly seconds: number | undefined,
  ) {
    this.end = performance.now() + (seconds ?? 0) * 1_000;
  }

  /** The next request to send, or `undefined` when it is enough. */
  next(): Buffer | undefined {
    const done = this.seconds === undefined ? this.asked >= this.requests.length : performance.now() >= this.end;
    if (done) return undefined;
    this.asked += 1;
    return this.requests[(this.asked - 1) % this.requests.length];
  }
}

/** One connection that sends a request as soon as the answer before it is whole. */
function client(port: number, tally: Tally): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1').setNoDelay();
    let head = '';
    let bodyLeft = -1; // -1: still in the head
    let askedAt = 0;
    let waiting = false;

    const ask = (): void => {
      const request = tally.next();
      waiting = request !== undefined;
      if (request === undefined) return void socket.end();
      askedAt = performance.now();
      socket.write(request);
    };
    const answered = (): void => {
      tally.milliseconds.push(performance.now() - askedAt);
      head = '';
      bodyLeft = -1;
      ask();
    };
    const take = (chunk: Buffer): void => {
      if (bodyLeft < 0) {
        head += chunk.toString('latin1');
        const end = head.indexOf(END_OF_HEAD);
        if (end < 0) return;
        bodyLeft = lengthOfBody(head.slice(0, end), tally) - (head.length - end - END_OF_HEAD.length);
      } else bodyLeft -= chunk.length;
      if (bodyLeft <= 0) answered();
    };
    socket.on('connect', ask).on('data', take);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      if (waiting) tally.broken += 1;
      resolve();
    });
    endWithParent(socket);
  });
}

function lengthOfBody(head: string, tally: Tally): number {
  const length = /^content-length: *(\d+)/im.exec(head)?.[1];
  if (length === undefined) throw new Error(`an answer without a length cannot be counted:\n${head}`);
  if (Number(head.slice(9, 12)) >= 400) tally.refused += 1;
  return Number(length);
}

/** Nobody waits for the outcome any more once standard output is closed. */
const endWithParent = (socket: Socket): void => void process.stdout.once('error', () => socket.destroy());

function requestFor(path: string, authorization: string): Buffer {
  const headers = ['Host: 127.0.0.1', ...(authorization === '' ? [] : [`Authorization: ${authorization}`])];
  return Buffer.from([`GET ${path} HTTP/1.1`, ...headers, '', ''].join('\r\n'));
}

async function main(): Promise<void> {
  const [port = '', connections = '', limit = '', file = '', authorization = ''] = process.argv.slice(2);
  const paths = readFileSync(file, 'utf8').trimEnd().split('\n');
  const requests = paths.map((path) => requestFor(path, authorization));
  const tally = new Tally(requests, limit === 'once' ? undefined : Number(limit));
  const start = performance.now();
  await Promise.all(Array.from({ length: Number(connections) }, () => client(Number(port), tally)));
  const { refused, broken } = tally;
  const seconds = (performance.now() - start) / 1_000;
  const sorted = Float64Array.from(tally.milliseconds).sort();
  const p99Ms = sorted[Math.floor(sorted.length * 0.99)] ?? 0;
  process.stdout.write(JSON.stringify({ requests: sorted.length, seconds, p99Ms, refused, broken }) + '\n');
}

void main();
