import { checkDatabase, checkKey } from './check-database.js';
import { checkDisk } from './check-disk.js';
import { checkMaintenance } from './check-maintenance.js';
import { checkIndexes } from './check-indexes.js';
import { checkManifests } from './check-manifests.js';
import { checkRepositories } from './check-repositories.js';
import { checkWork } from './check-work.js';
import { type Check, type Finding, type Use } from './finding.js';

/** Most fundamental first. */
const CHECKS: readonly Check[] = [
  checkDatabase,
  checkKey,
  checkMaintenance,
  checkDisk,
  checkRepositories,
  checkManifests,
  checkIndexes,
  checkWork,
];

/** Everything that can be looked at from here. Nothing is changed. */
export async function diagnose(use: Use): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const check of CHECKS) findings.push(...(await check(use)));
  return findings;
}
