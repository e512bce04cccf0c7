import { DescribeRepositories } from '#libs/releases/describe-repositories.js';
import { PACKAGE_CATALOG, unreadIn } from '#libs/snapshots/packages/package-catalog.js';

import { warning, type Check, type Finding } from './finding.js';

/** Whether the packages of the newest snapshots are known: otherwise nobody finds a faulty one there. */
export const checkIndexes: Check = async (use) => {
  const packages = await use(PACKAGE_CATALOG);
  const findings: Finding[] = [];
  for (const { repository, snapshots } of await (await use(DescribeRepositories)).run()) {
    const newest = snapshots.at(-1);
    if (newest === undefined) continue;
    for (const { reason } of await unreadIn(packages, repository.name, newest.sequence)) {
      const what = `An index of packages in snapshot ${newest.id} cannot be read: ${reason}.`;
      const wayOut =
        'Its files are served, and repository:find does not know its packages. When upstream has a good one, sync.';
      findings.push(warning(`repository ${repository.name}`, what, wayOut));
    }
  }
  return findings;
};
