import { type Edition } from '#libs/entitlement/edition.js';
import { type RepositoryName, type SnapshotId } from '#libs/kernel/ids.js';

export const HOLD_BACK_MODES = ['window', 'minimum-age'] as const;

/** How the delay picks the stable snapshot: see `libs/snapshots/stable-snapshot.ts`. */
export type HoldBack = (typeof HOLD_BACK_MODES)[number];

export interface Freeze {
  readonly snapshot: SnapshotId;
  readonly at: Date;
  readonly reason: string | undefined;
  /** From this instant on the freeze no longer counts. */
  readonly until: Date | undefined;
}

/** What an operator decides about a repository. */
export interface RepositorySettings {
  /** The sync command, for `/bin/sh -c`. */
  readonly command: string;
  /** The sub-folder of the source that is published; `undefined` publishes all of it. */
  readonly sourceFolder: string | undefined;
  /** Whole days that new files are kept from clients. */
  readonly delay: number;
  readonly holdBack: HoldBack;
  /** A cron expression of its own; `undefined` follows `SYNC_SCHEDULE`. */
  readonly schedule: string | undefined;
  /** Never empty. */
  readonly editions: readonly Edition[];
}

export interface Repository extends RepositorySettings {
  readonly id: number;
  readonly name: RepositoryName;
  readonly freeze: Freeze | undefined;
  readonly createdAt: Date;
}

/** Whether a freeze still counts at that time. */
export const isFrozen = ({ freeze }: Pick<Repository, 'freeze'>, at: Date): boolean =>
  freeze !== undefined && (freeze.until === undefined || freeze.until > at);
