import { httpDate } from '#libs/delivery/http-date.js';
import { wholeSeconds, type Representation } from '#libs/delivery/conditional-request.js';
import { isActive } from '#libs/delivery/content-type.js';
import { type Delivery } from '#libs/delivery/delivery.js';

/** Names and values in turn, as `writeHead` takes them fastest. */
export type HeaderList = readonly string[];

export interface Described {
  readonly representation: Representation;
  /** For 200, 206, and 304. */
  readonly validators: HeaderList;
  /** For 200 and 206 besides. */
  readonly content: HeaderList;
}

const described = new WeakMap<Delivery, Described>();

/** What the headers say of a file; the same for everybody who gets it, so it is put together once. */
export function describeDelivery(delivery: Delivery): Described {
  const known = described.get(delivery);
  if (known !== undefined) return known;
  const made = { representation: representationOf(delivery), ...headersOf(delivery) };
  described.set(delivery, made);
  return made;
}

const representationOf = ({ file }: Delivery): Representation => ({
  etag: `"${file.sha256}"`,
  modifiedMs: file.mtimeMs,
});

function headersOf({ file, snapshot, contentType }: Delivery): Pick<Described, 'validators' | 'content'> {
  const validators = [
    ...['ETag', `"${file.sha256}"`],
    // RFC 9110 section 8.8.2.1: never later than now.
    ...['Last-Modified', httpDate(Math.min(wholeSeconds(file.mtimeMs), Date.now()))],
    ...['Cache-Control', 'private'], // no shared cache may keep what a licence paid for (trust T-121)
    ...['Vary', 'Authorization'],
    ...['X-Parceler-Snapshot', snapshot.id],
  ];
  const content = [
    ...['Content-Type', contentType],
    ...['Accept-Ranges', 'bytes'],
    ...['X-Content-Type-Options', 'nosniff'],
    // A page among the files must not run as one of ours (trust T-132); clients like pip do not mind either header.
    ...(isActive(contentType) ? ['Content-Disposition', 'attachment', 'Content-Security-Policy', 'sandbox'] : []),
  ];
  return { validators, content };
}
