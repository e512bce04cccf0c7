import { type IncomingHttpHeaders, type IncomingMessage } from 'node:http';

import { contentRange, partOf } from '#libs/delivery/byte-range.js';
import { evaluate } from '#libs/delivery/conditional-request.js';
import { type DeliveryWay } from '#libs/delivery/choose-way.js';
import { type Delivery } from '#libs/delivery/delivery.js';
import { type ByteRange } from '#libs/storage/disk.js';

import { describeDelivery, type Described, type HeaderList } from './delivery-headers.js';

/** What goes out in answer to a request for a file that is there. */
export interface ResponsePlan {
  readonly status: 200 | 206 | 302 | 304 | 412 | 416;
  readonly headers: HeaderList;
  /** The bytes of the file that the answer has, or has the length of; `undefined` when it has nothing of it. */
  readonly range: ByteRange | undefined;
  /** The content of it is not sent by us. */
  readonly byNginx?: true;
}

export function planDelivery(
  way: DeliveryWay,
  delivery: Delivery,
  { method = '', headers }: Pick<IncomingMessage, 'method' | 'headers'>,
): ResponsePlan {
  if (way.kind === 'redirect') return planRedirect(delivery, way.url);
  const plan = planResponse(delivery, method, headers);
  return way.kind === 'accel' && isTheSameForNginx(plan, headers) ? planAccel(delivery, plan) : plan;
}

/** The file, a part of it, or what HTTP has in its place (RFC 9110 sections 13 and 14). */
function planResponse(delivery: Delivery, method: string, headers: IncomingHttpHeaders): ResponsePlan {
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
const planRedirect = ({ snapshot }: Delivery, url: URL): ResponsePlan => ({
  status: 302,
  headers: [
    ...['Location', url.href, 'Content-Length', '0'],
    ...['Cache-Control', 'no-store', 'Referrer-Policy', 'no-referrer', 'X-Parceler-Snapshot', snapshot.id],
  ],
  range: undefined,
});

/** Where `docker/nginx/templates/` has the folder of blobs. */
const BLOBS_IN_NGINX = '/_parceler';
/** What nginx knows of the content that it sends. */
const SAID_BY_NGINX: ReadonlySet<string> = new Set(['Content-Length', 'Content-Range', 'Accept-Ranges']);

/** nginx takes the content from its own folder, under a name of ours, and cuts a range out of it by itself. */
const planAccel = ({ blob }: Delivery, { headers, range }: ResponsePlan): ResponsePlan => ({
  status: 200,
  headers: [...without(headers, SAID_BY_NGINX), 'Content-Length', '0', 'X-Accel-Redirect', `${BLOBS_IN_NGINX}/${blob}`],
  range,
  byNginx: true,
});

/** It would cut a range, too, where we have decided on the whole file, because of `If-Range`. */
const isTheSameForNginx = ({ status }: ResponsePlan, { range }: IncomingHttpHeaders): boolean =>
  status === 206 || (status === 200 && range === undefined);

const without = (headers: HeaderList, names: ReadonlySet<string>): HeaderList =>
  headers.filter((_, at) => !names.has(headers[at - (at % 2)] ?? ''));

const WHOLE = { kind: 'whole' } as const;

const lengthOf = ({ start, end }: ByteRange): HeaderList => ['Content-Length', String(end - start + 1)];
