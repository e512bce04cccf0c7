import { type SnapshotStore } from '../snapshot-store.js';
import { type FindPackageChanges } from './find-package-changes.js';
import { type PackageCatalog } from './package-catalog.js';

/**
 * Lets each snapshot that becomes visible bring the packages that its indexes name, in the same transaction. The indexes
 * are read before it begins.
 */
export function withPackages(
  store: SnapshotStore,
  packages: PackageCatalog,
  find: Pick<FindPackageChanges, 'run'>,
): SnapshotStore {
  // All else is the store's own.
  return Object.assign(Object.create(store) as SnapshotStore, {
    publish: async (snapshot, changes, act) => {
      const { repository, sequence } = snapshot;
      const found = await find.run({ repository, sequence: await store.lastSequence(repository), changes });
      const together = async (): Promise<void> => {
        await packages.extend(repository, sequence, found);
        await act.together?.();
      };
      await store.publish(snapshot, changes, { ...act, together });
    },
    readmit: async (snapshot, changes, fence, act) => {
      const { repository, sequence } = snapshot;
      const found = await find.run({ repository, sequence, changes });
      const together = () => packages.restore(repository, sequence, found);
      return store.readmit(snapshot, changes, fence, { ...act, together });
    },
  } satisfies Pick<SnapshotStore, 'publish' | 'readmit'>);
}
