import { type Clock } from '#libs/kernel/clock.js';
import { after, MINUTE } from '#libs/kernel/duration.js';
import { type Log } from '#libs/observability/log.js';
import { type Disk, type TemporaryUrlTerms } from '#libs/storage/disk.js';
import { DISK_MARKER } from '#libs/storage/layout.js';
import { type ObjectKey } from '#libs/storage/object-key.js';

/** Long enough to begin a download: whoever else sees the link has no use for it (trust T-98). */
const LINK_LASTS_MS = MINUTE;
const TRY_AGAIN_AFTER_MS = 5 * MINUTE;

/** Follows a link, as a client would. Answers what went wrong, or `undefined`. Never rejects. */
export type FollowLink = (url: URL) => Promise<string | undefined>;

/**
 * Links to what is on the disk, as long as they work: every few minutes one is followed, since nobody tells us when
 * clients are refused because of a wrong clock or address (trust T-99). Until the first was found to work there are none.
 */
export class TemporaryLinks {
  private work = false;
  private tryAfter = 0;

  constructor(
    private readonly disk: Pick<Disk, 'temporaryUrl'>,
    private readonly follow: FollowLink,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  linkTo(key: ObjectKey, terms: Omit<TemporaryUrlTerms, 'expiresAt'>): URL | undefined {
    const now = this.clock.now();
    if (now.getTime() >= this.tryAfter) void this.try(now);
    return this.work ? this.disk.temporaryUrl(key, { ...terms, expiresAt: after(now, LINK_LASTS_MS) }) : undefined;
  }

  /** Nobody waits for it. */
  private async try(now: Date): Promise<void> {
    this.tryAfter = now.getTime() + TRY_AGAIN_AFTER_MS;
    const terms = { expiresAt: after(now, LINK_LASTS_MS), contentType: 'text/plain', contentDisposition: undefined };
    const url = this.disk.temporaryUrl(DISK_MARKER, terms);
    const problem = url === undefined ? 'the disk has none' : await this.follow(url);
    const works = problem === undefined;
    if (!works && url !== undefined) this.log.error('links to the disk do not work, files are streamed', { problem });
    if (works && !this.work) this.log.info('links to the disk work, clients that can are redirected', {});
    this.work = works;
  }
}
