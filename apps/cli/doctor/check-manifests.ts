import { userInfo } from 'node:os';

import { ownerOf } from '#libs/files/file-owner.js';
import { isAppError } from '#libs/kernel/errors.js';
import { systemCode } from '#libs/kernel/system-code.js';
import { DescribeRepositories, type RepositoryDescription } from '#libs/releases/describe-repositories.js';
import { RefusedManifests } from '#libs/snapshots/manifest/refused-manifests.js';
import { compareWithDisk } from '#libs/snapshots/recovery/disk-notes.js';
import { type Snapshot } from '#libs/snapshots/snapshot.js';
import { diskIsOurs } from '#libs/storage/disk-marker.js';
import { DISK, type Disk } from '#libs/storage/disk.js';
import { manifestKey } from '#libs/storage/layout.js';
import { type ObjectKey } from '#libs/storage/object-key.js';

import { problem, type Check, type Finding } from './finding.js';

/** Whether the list of each snapshot is where it has to be. Of a disk that is not there nothing is believed. */
export const checkManifests: Check = async (use) => {
  const disk = await use(DISK);
  if (!(await diskIsOurs(disk))) return [];
  const findings: Finding[] = [];
  for (const description of await (await use(DescribeRepositories)).run()) {
    findings.push(...(await manifestFindings(disk, description)));
  }
  return findings;
};

async function manifestFindings(
  disk: Disk,
  { repository: { name }, snapshots }: RepositoryDescription,
): Promise<readonly Finding[]> {
  const refused = new RefusedManifests();
  const findings: Finding[] = [];
  for (const snapshot of snapshots) {
    if (snapshot.state === 'removing') continue;
    try {
      findings.push(...(await findingsOf(disk, snapshot, refused)));
    } catch (error) {
      if (!isAppError(error, 'DISK_FAILED')) throw error;
      findings.push(problem(`repository ${name}`, ...unreadable(disk, manifestKey(name, snapshot.id), error)));
      break; // the others are most likely no different
    }
  }
  return findings;
}

async function findingsOf(disk: Disk, snapshot: Snapshot, refused: RefusedManifests): Promise<readonly Finding[]> {
  const { repository: name, id, state } = snapshot;
  const about = `repository ${name}`;
  const { removed, neverHere } = await compareWithDisk(disk, [snapshot]);
  if (removed.length > 0) return [problem(about, `The manifest of snapshot ${id} is gone.`, WHEN_REMOVED)];
  if (neverHere.length > 0) return [problem(about, `The disk never had snapshot ${id}.`, whenNeverHere(snapshot))];
  const why = state === 'damaged' ? undefined : await refused.reason(disk, snapshot); // damage is told already
  return why === undefined
    ? []
    : [problem(about, `The manifest of snapshot ${id} is no good: ${why}`, whenRefused(snapshot))];
}

const WHEN_REMOVED =
  'The worker notices within a minute, and serves the next one. Put back from a backup, it is a snapshot again.';

const whenNeverHere = ({ repository, id }: Snapshot): string =>
  `The disk is older than the database, or another one: mount the right volume. If there is none: snapshot:delete ${repository} ${id} --force.`;

const whenRefused = ({ repository, id }: Snapshot): string =>
  `Put it back from a backup, or repository:sync ${repository} --wait and then snapshot:delete ${repository} ${id}.`;

function unreadable(disk: Disk, key: ObjectKey, error: Error & { readonly hint?: string | undefined }) {
  const path = disk.localPath(key);
  if (path === undefined || !NOT_ALLOWED.has(systemCode(error.cause)))
    return [error.message, error.hint ?? ''] as const;
  const { username } = userInfo();
  return [
    `${error.message} ${path} or a folder above it belongs to ${ownerOf(path)}, and this is ${username}.`,
    `As root: chown -R ${username} with the storage folder; and let nobody else run Parceler on it.`,
  ] as const;
}

const NOT_ALLOWED: ReadonlySet<string> = new Set(['EACCES', 'EPERM']);
