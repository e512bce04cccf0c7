import { type BasicCredentials } from '#libs/entitlement/basic-credentials.js';
import { type CheckEntitlement } from '#libs/entitlement/check-entitlement.js';
import { type Entitlement } from '#libs/entitlement/entitlement.js';
import { type ServedRepository, type ServedSnapshots } from '#libs/snapshots/served-snapshots.js';

import { type DeliverFile } from './deliver-file.js';
import { type Delivery } from './delivery.js';
import { type FileTarget } from './request-target.js';
import { andThen, type Soon } from './soon.js';

export type FileAnswer =
  | { readonly kind: 'deliver'; readonly delivery: Delivery }
  /** No such repository for this edition, or no such file in it: not told apart. */
  | { readonly kind: 'not-found' }
  | { readonly kind: 'refused' }
  /** Nobody could say whether the system may, and nobody said so before. */
  | { readonly kind: 'unknown'; readonly retryAfterMs: number };

const NOT_FOUND: FileAnswer = { kind: 'not-found' };
const REFUSED: FileAnswer = { kind: 'refused' };

/**
 * Answers a file request that carries credentials: is there such a repository for this edition, may the system, is there
 * such a file? When all of that is in memory, nothing is waited for.
 */
export class AnswerFileRequest {
  constructor(
    private readonly servedSnapshots: Pick<ServedSnapshots, 'get'>,
    private readonly checkEntitlement: CheckEntitlement,
    private readonly deliverFile: DeliverFile,
  ) {}

  run(target: FileTarget, credentials: BasicCredentials): Soon<FileAnswer> {
    if (target.repository === undefined) return NOT_FOUND;
    return andThen(this.servedSnapshots.get(target.repository), (offer) =>
      offer?.repository.editions.includes(target.edition) ? this.answer(target, credentials, offer) : NOT_FOUND,
    );
  }

  private answer(target: FileTarget, credentials: BasicCredentials, offer: ServedRepository): Soon<FileAnswer> {
    const { systemId, secret } = credentials;
    const entitlement = this.checkEntitlement.run({ edition: target.edition, systemId, secret });
    return andThen(entitlement, (decided) => this.conclude(decided, offer, target.path));
  }

  private conclude(entitlement: Entitlement, offer: ServedRepository, path: string): Soon<FileAnswer> {
    switch (entitlement.kind) {
      case 'entitled':
        return andThen(this.deliverFile.run(entitlement.grant, offer, path), (delivery) =>
          delivery === undefined ? NOT_FOUND : { kind: 'deliver', delivery },
        );
      case 'refused':
        return REFUSED;
      case 'unknown':
        return entitlement;
    }
  }
}
