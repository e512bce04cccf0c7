import { type IncomingHttpHeaders } from 'node:http';

import { contentRange, partOf } from '#libs/delivery/byte-range.js';
import { evaluate } from '#libs/delivery/conditional-request.js';
import { type Delivery } from '#libs/delivery/delivery.js';
import { type ByteRange } from '#libs/storage/disk.js';

import { describeDelivery, type Described, type HeaderList } from './delivery-headers.js';

/** What goes out in answer to a request for a file that is there. */
export interface ResponsePlan {
  readonly status: 200 | 206 | 302 | 304 | 412 | 416;
  readonly headers: HeaderList;
  /** The bytes of the file that the answer has, or has the length of; `undefined` when it has nothing of it. */
  readonly range: ByteRange | undefined;
}

/** The file, a part of it, or what HTTP has in its place (RFC 9110 sections 13 and 14). */
export function planResponse(delivery: Delivery, method: string, headers: IncomingHttpHeaders): ResponsePlan {
  const described = describeDelivery(delivery);
  switch (evaluate(headers, described.representation)) {
    case 'not-modified':
      return { status: 304, headers: described.validators, range: undefined };
    case 'precondition-failed':
      return { status: 412, headers: ['Content-Length', '0', 'Cache-Control', 'no-store'], range: undefined };
    case 'send':
      return planContent(delivery.file.size, method, headers, described);
  }
}

function planContent(size: number, method: string, headers: IncomingHttpHeaders, described: Described): ResponsePlan {
  const { validators, content, representation } = described;
  const part = method === 'GET' ? partOf(size, headers, representation) : WHOLE; // section 14.2: GET alone has ranges
  switch (part.kind) {
    case 'unsatisfiable': {
      const nothing = [...validators, 'Content-Length', '0', 'Content-Range', `bytes */${String(size)}`];
      return { status: 416, headers: nothing, range: undefined };
    }
    case 'whole': {
      const range = { start: 0, end: size - 1 };
      return { status: 200, headers: [...validators, ...content, ...lengthOf(range)], range };
    }
    case 'part': {
      const { range } = part;
      const which = ['Content-Range', contentRange(range, size)];
      return { status: 206, headers: [...validators, ...content, ...lengthOf(range), ...which], range };
    }
  }
}

/** The client gets the file elsewhere. The link is for this one client, and for now. */
export const planRedirect = ({ snapshot }: Delivery, url: URL): ResponsePlan => ({
  status: 302,
  headers: [
    ...['Location', url.href, 'Content-Length', '0'],
    ...['Cache-Control', 'no-store', 'Referrer-Policy', 'no-referrer', 'X-Parceler-Snapshot', snapshot.id],
  ],
  range: undefined,
});

const WHOLE = { kind: 'whole' } as const;

const lengthOf = ({ start, end }: ByteRange): HeaderList => ['Content-Length', String(end - start + 1)];
