import { actor } from '#libs/kernel/actor.js';
import { messageOf } from '#libs/kernel/errors.js';
import { printable } from '#libs/kernel/ids.js';
import { type Log } from '#libs/observability/log.js';
import { type ServedSnapshots } from '#libs/snapshots/served-snapshots.js';
import { type SnapshotStore } from '#libs/snapshots/snapshot-store.js';
import { type PassedOver, type Served } from '#libs/snapshots/stable-snapshot.js';
import { diskIsOurs } from '#libs/storage/disk-marker.js';
import { type Disk } from '#libs/storage/disk.js';

import { type Delivery } from './delivery.js';

/** Those it takes a decision of somebody, or a repair, to serve again. */
const OUT_OF_SERVICE: ReadonlySet<PassedOver['why']> = new Set(['held', 'superseded', 'damaged', 'removing']);

/**
 * Content that a snapshot lists turned out to be missing or wrong: the snapshot is marked damaged, and another one takes
 * over at the next request (trust T-38, T-134).
 *
 * Not so when the whole disk is missing (a volume that is not mounted is no deletion), when an operator froze that very
 * snapshot, or when there is no other: then the one file is missed, not all of them (trust I-04, I-11).
 */
export class ReportDamage {
  private readonly underWay = new Set<string>();

  constructor(
    private readonly served: Pick<ServedSnapshots, 'get'>,
    private readonly snapshots: Pick<SnapshotStore, 'move'>,
    private readonly disk: Disk,
    private readonly log: Log,
  ) {}

  /** Never rejects: whoever asked for the file has nothing to do with it. */
  async run({ repository, snapshot, file, blob }: Delivery, what: string): Promise<void> {
    const one = `${repository}/${snapshot.id}`;
    if (this.underWay.has(one)) return;
    this.underWay.add(one);
    const note = `"${printable(file.path)}": ${what}.`;
    const log = this.log.with({ repository, snapshot: snapshot.id, blob, note });
    try {
      const served = (await this.served.get(repository))?.served;
      if (served?.snapshot.id !== snapshot.id) return;
      const keep = (await diskIsOurs(this.disk)) ? reasonToKeep(served) : 'the disk is not there';
      if (keep !== undefined) log.error('snapshot is damaged, and goes on being served', { because: keep });
      else if (
        await this.snapshots.move(repository, snapshot.id, 'complete', 'damaged', { actor: actor('api'), note })
      ) {
        log.error('snapshot is damaged, another one is served');
      }
    } catch (error) {
      log.error('damage could not be recorded', { error: messageOf(error) });
    } finally {
      this.underWay.delete(one);
    }
  }
}

function reasonToKeep({ reason, passedOver }: Served): string | undefined {
  if (reason === 'frozen') return 'it was frozen';
  return passedOver.every(({ why }) => OUT_OF_SERVICE.has(why)) ? 'there is no other' : undefined;
}
