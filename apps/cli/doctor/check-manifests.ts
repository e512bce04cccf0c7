import { userInfo } from 'node:os';

import { ownerOf } from '#libs/files/file-owner.js';
import { isAppError } from '#libs/kernel/errors.js';
import { systemCode } from '#libs/kernel/system-code.js';
import { DescribeRepositories, type RepositoryDescription } from '#libs/releases/describe-repositories.js';
import { diskIsOurs } from '#libs/storage/disk-marker.js';
import { DISK, type Disk } from '#libs/storage/disk.js';
import { manifestKey } from '#libs/storage/layout.js';
import { type ObjectKey } from '#libs/storage/object-key.js';

import { problem, type Check, type Finding } from './finding.js';

/** Whether the list of each snapshot is where it has to be. Of a disk that is not there nothing is believed. */
export const checkManifests: Check = async (use) => {
  const disk = await use<Disk>(DISK);
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
  const about = `repository ${name}`;
  const findings: Finding[] = [];
  for (const { id, state } of snapshots) {
    const key = manifestKey(name, id);
    try {
      if (state === 'removing' || (await disk.stat(key)) !== undefined) continue;
    } catch (error) {
      if (!isAppError(error, 'DISK_FAILED')) throw error;
      findings.push(problem(about, ...unreadable(disk, key, error)));
      break; // the others are most likely no different
    }
    const what = `The manifest of snapshot ${id} is gone.`;
    findings.push(problem(about, what, 'The worker notices within a minute, and serves the next one.'));
  }
  return findings;
}

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
