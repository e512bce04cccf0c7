import { LRUCache } from 'lru-cache';

import { type SharedSecretKey, type VerdictKey } from '../credential-keys.js';

/** Appliances that may share a subscription and have what was said of them kept; far more than ever do. */
const IDS_PER_SECRET = 100;
/** A secret that is used a lot stays among those used lately, and only such a one has many ids. */
const SECRETS = 10_000;

/**
 * Bounds what one paid secret can fill. An authority that looks at the secret alone says yes to it with any id, so
 * whoever has one could otherwise have a yes kept for each id that he thinks of, and push out those of others (trust T-117).
 */
export class IdsOfSecrets {
  private readonly secrets = new LRUCache<SharedSecretKey, Map<VerdictKey, number>>({ max: SECRETS });

  /** Whether a yes may be kept until then. One that is kept may be renewed, and leaves its place when it is over. */
  admits(secret: SharedSecretKey, id: VerdictKey, until: number, now: number): boolean {
    const ids = this.secrets.get(secret) ?? new Map<VerdictKey, number>();
    this.secrets.set(secret, ids);
    if (!ids.has(id) && ids.size >= IDS_PER_SECRET) dropThoseOver(ids, now);
    if (!ids.has(id) && ids.size >= IDS_PER_SECRET) return false;
    ids.set(id, until);
    return true;
  }
}

function dropThoseOver(ids: Map<VerdictKey, number>, now: number): void {
  for (const [id, until] of ids) if (until <= now) ids.delete(id);
}
