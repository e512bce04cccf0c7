import { type InjectionToken } from '@nestjs/common';

import { DAY } from '#libs/kernel/duration.js';
import { counted } from '#libs/kernel/counted.js';
import { CLOCK, type Clock } from '#libs/kernel/clock.js';
import { JOB_QUEUE, type JobQueue } from '#libs/jobs/job-queue.js';
import { AppKeyCheck } from '#libs/persistence/app-key-check.js';
import { DATABASE, type Database } from '#libs/persistence/database.js';
import { DescribeRepositories, type RepositoryDescription } from '#libs/releases/describe-repositories.js';
import { FindStaleRepositories } from '#libs/syncing/schedule/find-stale-repositories.js';
import { RUN_STORE, type RunStore } from '#libs/syncing/runs/run-store.js';
import { DISK, type Disk } from '#libs/storage/disk.js';
import { diskIsOurs } from '#libs/storage/disk-marker.js';
import { manifestKey } from '#libs/storage/layout.js';

import { bytesText } from '../views.js';

/** `problem`: something does not work · `warning`: somebody should look at it. */
export interface Finding extends Readonly<Record<string, unknown>> {
  readonly severity: 'problem' | 'warning';
  readonly about: string;
  readonly finding: string;
  readonly wayOut: string;
}

type Use = <T>(token: InjectionToken<T>) => Promise<T>;

const LITTLE_SPACE = 1024 ** 3;

/** Everything that can be looked at from here, most fundamental first. Nothing is changed. */
export async function diagnose(use: Use): Promise<readonly Finding[]> {
  const checks = [checkDatabase, checkKey, checkDisk, checkRepositories, checkWork];
  const findings: Finding[] = [];
  for (const check of checks) findings.push(...(await check(use)));
  return findings;
}

async function checkDatabase(use: Use): Promise<readonly Finding[]> {
  const damage = await (await use<Database>(DATABASE)).findDamage();
  return damage === undefined ? [] : [problem('database', damage, 'Stop Parceler and put a backup back.')];
}

async function checkKey(use: Use): Promise<readonly Finding[]> {
  if (!(await (await use(AppKeyCheck)).isOther())) return [];
  return [
    problem(
      'APP_KEY',
      'It is not the one that the database was used with: no registered secret can be recognised.',
      'Put the old one back, or go on with this one: key:adopt.',
    ),
  ];
}

async function checkDisk(use: Use): Promise<readonly Finding[]> {
  const disk = await use<Disk>(DISK);
  const free = await disk.freeBytes();
  const findings: Finding[] = [];
  if (!(await diskIsOurs(disk))) {
    findings.push(problem('disk', 'Its marker .parceler-disk is missing.', 'Is the right volume mounted?'));
  }
  if (free !== undefined && free < LITTLE_SPACE) {
    findings.push(
      warning('disk', `Only ${bytesText(free)} are free.`, 'Make room; garbage:collect --dry-run says what can go.'),
    );
  }
  return findings;
}

async function checkRepositories(use: Use): Promise<readonly Finding[]> {
  const [disk, describe] = [await use<Disk>(DISK), await use(DescribeRepositories)];
  const stale = await (await use(FindStaleRepositories)).run();
  const findings: Finding[] = [];
  for (const description of await describe.run()) {
    findings.push(...servingFindings(description), ...(await manifestFindings(disk, description)));
  }
  const told = 'Nothing new came within its delay, or the last two syncs that were due made no snapshot.';
  findings.push(...stale.map((name) => warning(`repository ${name}`, told, `run:list ${name} shows its syncs.`)));
  return findings;
}

function servingFindings({
  repository: { name },
  served,
  snapshots,
  lastSync,
}: RepositoryDescription): readonly Finding[] {
  const about = `repository ${name}`;
  const findings = snapshots
    .filter(({ state }) => state === 'held' || state === 'damaged')
    .map(({ id, state, note }) =>
      warning(about, `Snapshot ${id} is ${state}: ${note ?? ''}`, `repository:snapshots ${name} shows them.`),
    );
  if (served === undefined && lastSync !== undefined) {
    findings.push(problem(about, 'It has no snapshot that could be served.', `repository:sync ${name} --wait`));
  }
  if (served?.lostFreeze !== undefined) {
    findings.push(
      warning(
        about,
        `It is frozen to ${served.lostFreeze}, which cannot be served any more.`,
        `repository:unfreeze ${name}`,
      ),
    );
  }
  return findings;
}

async function manifestFindings(
  disk: Disk,
  { repository: { name }, snapshots }: RepositoryDescription,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const { id, state } of snapshots) {
    const there = (await disk.stat(manifestKey(name, id))) !== undefined;
    if (there || state === 'removing') continue;
    findings.push(
      problem(
        `repository ${name}`,
        `The manifest of snapshot ${id} is gone.`,
        'The worker notices within a minute, and serves the next one.',
      ),
    );
  }
  return findings;
}

async function checkWork(use: Use): Promise<readonly Finding[]> {
  const queue = await use<JobQueue>(JOB_QUEUE);
  const yesterday = new Date((await use<Clock>(CLOCK)).now().getTime() - DAY);
  const open = await (await use<RunStore>(RUN_STORE)).openSince(yesterday);
  const failed = await queue.failed();
  const findings = open.map(({ id, repository, state }) =>
    warning(
      `run ${String(id)}`,
      `A run of ${repository} has been ${state} for more than a day.`,
      'Is a worker running?',
    ),
  );
  if (failed.length === 0) return findings;
  return [
    ...findings,
    warning('queue', `${counted(failed.length, 'job')} used up all attempts.`, 'queue:failed lists them.'),
  ];
}

const problem = (about: string, finding: string, wayOut: string): Finding => ({
  severity: 'problem',
  about,
  finding,
  wayOut,
});
const warning = (about: string, finding: string, wayOut: string): Finding => ({
  severity: 'warning',
  about,
  finding,
  wayOut,
});
