import { Agent as HttpAgent, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';

import { systemCode } from '#libs/kernel/system-code.js';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface HttpLimits {
  /** From the question to the last byte of the answer. */
  readonly timeoutMs: number;
  /** Connections kept open. */
  readonly connections: number;
}

const MAX_BODY = 64 * 1024;
const MAX_HEADERS = 16 * 1024;

/**
 * Asks one URL, always with GET. `node:http` and not `fetch`: it follows no redirect, so credentials go to no other host
 * (trust T-109), it decompresses nothing, and it knows no proxy.
 */
export class HttpQuestion {
  private readonly agent: HttpAgent;

  constructor(
    private readonly endpoint: URL,
    private readonly limits: HttpLimits,
  ) {
    const options = { keepAlive: true, maxSockets: limits.connections, scheduling: 'lifo' } as const;
    this.agent = endpoint.protocol === 'https:' ? new HttpsAgent(options) : new HttpAgent(options);
  }

  /** Rejects when there is no whole answer in time, or too long a one. */
  async ask(authorization: string): Promise<HttpAnswer> {
    const { timeoutMs } = this.limits;
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(new Error(`no answer within ${String(timeoutMs)} ms`)), timeoutMs);
    try {
      return await this.onceOrTwice(authorization, limit.signal);
    } finally {
      clearTimeout(timer);
    }
  }

  private async onceOrTwice(authorization: string, signal: AbortSignal): Promise<HttpAnswer> {
    try {
      return await this.once(authorization, signal);
    } catch (error) {
      // The server closed a kept connection just when we took it; the question never reached it.
      if (!(error instanceof StaleConnection)) throw error;
      return this.once(authorization, signal);
    }
  }

  private once(authorization: string, signal: AbortSignal): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      // Whatever Node tells of the question or does not, nobody waits longer (trust T-107).
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      const send = this.endpoint.protocol === 'https:' ? httpsRequest : httpRequest;
      const question = send(this.endpoint, this.options(authorization, signal), (response) => {
        readBody(response).then(
          (body) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
          reject,
        );
      });
      question.on('error', (error) => {
        const stale = question.reusedSocket && systemCode(error) === 'ECONNRESET' && !signal.aborted;
        reject(stale ? new StaleConnection('connection closed', { cause: error }) : error);
      });
      // Without a listener Node drops the connection and tells nobody.
      question.on('upgrade', (_, socket) => {
        socket.destroy();
        reject(new Error('the authority switched to another protocol'));
      });
      question.end();
    });
  }

  private options(authorization: string, signal: AbortSignal): RequestOptions {
    return {
      agent: this.agent,
      signal,
      maxHeaderSize: MAX_HEADERS,
      headers: {
        // Header values are bytes: UTF-8 is handed over one byte a character.
        Authorization: Buffer.from(authorization).toString('latin1'),
        Accept: 'application/json',
        'Accept-Encoding': 'identity',
        'User-Agent': 'parceler',
      },
    };
  }
}

class StaleConnection extends Error {}

async function readBody(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BODY) throw new Error('the answer is longer than 64 KiB'); // leaving the loop ends the connection
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
