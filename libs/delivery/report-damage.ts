import { LRUCache } from 'lru-cache';

import { actor } from '#libs/kernel/actor.js';
import { MINUTE } from '#libs/kernel/duration.js';
import { messageOf } from '#libs/kernel/errors.js';
import { type Log } from '#libs/observability/log.js';
import { type Damage, type MarkDamaged } from '#libs/snapshots/damage/mark-damaged.js';
import { type ServedSnapshots } from '#libs/snapshots/served-snapshots.js';

import { type Delivery } from './delivery.js';

const ACT = { actor: actor('api') };
/** Whoever asks again for what cannot be repaired sets nothing off for so long; clients are told to come back then. */
const LOOK_AGAIN_MS = MINUTE;

const MESSAGES: Readonly<Record<Damage['kind'], string>> = {
  none: 'content that could not be delivered is not damaged, or the disk is not there',
  repaired: 'damaged content was brought back from the source',
  marked: 'content is damaged, snapshots that have it are served no more',
  kept: 'content is damaged, and a snapshot that has it goes on being served',
};

/**
 * Has damage dealt with that a delivery came upon, so that whoever asks next gets a whole file (trust T-38, T-134): of
 * one snapshot one damage at a time, since all of a lost disk may be asked for at once.
 */
export class ReportDamage {
  private readonly underWay = new Set<string>();
  private readonly known = new LRUCache<string, true>({ max: 10_000, ttl: LOOK_AGAIN_MS });

  constructor(
    private readonly served: Pick<ServedSnapshots, 'get'>,
    private readonly markDamaged: Pick<MarkDamaged, 'run'>,
    private readonly log: Log,
  ) {}

  /** Never rejects: whoever asked for the file has nothing to do with it. */
  async run(delivery: Delivery, what: string): Promise<void> {
    const { repository, snapshot, file, blob } = delivery;
    const one = `${repository}/${snapshot.id}`;
    const damage = `${one}/${file.path}`;
    if (this.underWay.has(one) || this.known.has(damage)) return;
    this.underWay.add(one);
    const log = this.log.with({ repository, snapshot: snapshot.id, path: file.path, blob, what });
    try {
      await this.deal(delivery, log);
      this.known.set(damage, true);
    } catch (error) {
      log.error('damage could not be dealt with', { error: messageOf(error) });
    } finally {
      this.underWay.delete(one);
    }
  }

  private async deal({ repository: name, snapshot: { id }, file: { path } }: Delivery, log: Log): Promise<void> {
    const now = await this.served.get(name);
    if (now?.served?.snapshot.id !== id) return; // what is not served any more is seen to by verifying
    const { signal } = new AbortController(); // nobody waits, so nobody loses patience
    const { kind, marked } = await this.markDamaged.run({
      repository: now.repository,
      snapshot: id,
      path,
      act: ACT,
      signal,
    });
    log.error(MESSAGES[kind], { marked });
  }
}
