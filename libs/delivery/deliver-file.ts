import { LRUCache } from 'lru-cache';

import { type Grant } from '#libs/entitlement/entitlement.js';
import { type RepositoryName } from '#libs/kernel/ids.js';
import { type Catalog } from '#libs/snapshots/catalog/catalog.js';
import { type ServedRepository } from '#libs/snapshots/served-snapshots.js';
import { type ListedFile } from '#libs/snapshots/snapshot.js';
import { blobKey } from '#libs/storage/layout.js';

import { contentTypeOf } from './content-type.js';
import { type Delivery } from './delivery.js';
import { type Soon } from './soon.js';

export interface DeliveryLimits {
  /** Memory for what was found, in bytes, roughly. */
  readonly foundBytes: number;
  /** How many paths that do not exist are remembered, apart from those that do. */
  readonly missing: number;
}

/** About what a heap grows by for each, with the headers that are kept for it; figure S14 of the benchmark tells what all come to. */
const BYTES_BESIDE_PATH = 1_300;

/**
 * Finds the file that a path names in the snapshot an appliance gets. The path is only ever looked up; the file is opened
 * under a name of our own. A snapshot never changes, so what was found in it is true for ever.
 */
export class DeliverFile {
  private readonly found: LRUCache<string, Delivery>;
  private readonly missing: LRUCache<string, true>;

  constructor(
    private readonly catalog: Catalog,
    limits: DeliveryLimits = { foundBytes: 48 * 1024 * 1024, missing: 20_000 },
  ) {
    this.found = new LRUCache({
      maxSize: limits.foundBytes,
      sizeCalculation: ({ file }) => BYTES_BESIDE_PATH + 2 * file.path.length,
    });
    this.missing = new LRUCache({ max: limits.missing });
  }

  /** `undefined` when the snapshot has no such file. The grant is the proof that somebody asked whether it may be. */
  run(_grant: Grant, { repository, served }: ServedRepository, path: string): Soon<Delivery | undefined> {
    if (served === undefined || path === '' || path.endsWith('/')) return undefined;
    const { snapshot } = served;
    // Not by its name, which another repository may take later and count its snapshots from 1 again.
    const key = `${String(repository.id)}/${String(snapshot.sequence)}/${path}`;
    const known = this.found.get(key);
    if (known !== undefined) return known;
    return this.missing.has(key) ? undefined : this.lookUp(key, repository.name, snapshot, path);
  }

  private async lookUp(
    key: string,
    repository: RepositoryName,
    snapshot: Delivery['snapshot'],
    path: string,
  ): Promise<Delivery | undefined> {
    const file = await this.catalog.find(repository, snapshot.sequence, path);
    if (file === undefined) {
      this.missing.set(key, true);
      return undefined;
    }
    const delivery = deliveryOf(repository, snapshot, file);
    this.found.set(key, delivery);
    return delivery;
  }
}

const deliveryOf = (
  repository: RepositoryName,
  { id, sequence }: Delivery['snapshot'],
  file: ListedFile,
): Delivery => ({
  repository,
  snapshot: { id, sequence },
  file,
  blob: blobKey(file.sha256),
  contentType: contentTypeOf(file.path),
});
