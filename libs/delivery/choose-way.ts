import { type Config } from '#libs/config/config.js';

import { type AskedFor } from './asked-for.js';
import { isActive } from './content-type.js';
import { type Delivery } from './delivery.js';
import { followsRedirects, sendsCredentialsOn } from './follows-redirects.js';
import { isLeftToNginx } from './left-to-nginx.js';
import { type TemporaryLinks } from './temporary-links.js';

/** How a file gets to the client. */
export type DeliveryWay =
  | { readonly kind: 'stream' }
  | { readonly kind: 'redirect'; readonly url: URL }
  /** nginx, which is in front of us, sends the content. */
  | { readonly kind: 'accel' };

const STREAM: DeliveryWay = { kind: 'stream' };
const ACCEL: DeliveryWay = { kind: 'accel' };

/**
 * Conditions speak of what we say of a file, while the S3 server knows other tags and times, of when it got the bytes:
 * after a rollback it would find the faulty file that a client has to be the newer one.
 */
const CONDITIONS = ['if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since', 'if-range'];

/** Whether a file is streamed, left to nginx, or the client gets a link to it on the disk. */
export class ChooseWay {
  constructor(
    private readonly mode: Config['delivery'],
    private readonly links: Pick<TemporaryLinks, 'linkTo'>,
  ) {}

  run({ blob, contentType }: Delivery, asked: AskedFor): DeliveryWay {
    if (this.mode === 'accel') return isLeftToNginx(asked) ? ACCEL : STREAM;
    if (this.mode === 'stream' || !this.mayRedirect(asked)) return STREAM;
    const contentDisposition = isActive(contentType) ? 'attachment' : undefined;
    const url = this.links.linkTo(blob, { contentType, contentDisposition });
    return url === undefined ? STREAM : { kind: 'redirect', url };
  }

  private mayRedirect({ method, headers }: AskedFor): boolean {
    const userAgent = String(headers['user-agent'] ?? '');
    const isFit = this.mode === 'auto' ? followsRedirects(userAgent) : !sendsCredentialsOn(userAgent);
    // A link is signed for GET.
    return isFit && method === 'GET' && CONDITIONS.every((name) => headers[name] === undefined);
  }
}
