import { DescribeRepositories, type RepositoryDescription } from '#libs/releases/describe-repositories.js';
import { type Snapshot } from '#libs/snapshots/snapshot.js';
import { FindStaleRepositories } from '#libs/syncing/schedule/find-stale-repositories.js';

import { problem, warning, type Check, type Finding } from './finding.js';

/** Whether each repository serves something, and what it should. */
export const checkRepositories: Check = async (use) => {
  const stale = new Set<string>(await (await use(FindStaleRepositories)).run());
  const descriptions = await (await use(DescribeRepositories)).run();
  return descriptions.flatMap((description) => [
    ...description.snapshots.flatMap((snapshot) => stateFindings(snapshot)),
    ...servingFindings(description, stale.has(description.repository.name)),
  ]);
};

function stateFindings({ repository, id, state, note }: Snapshot): readonly Finding[] {
  const [about, what] = [`repository ${repository}`, `Snapshot ${id} is ${state}: ${note ?? ''}`];
  if (state === 'held') {
    const wayOut = `Repair what its sync went wrong by, then repository:sync ${repository} --wait; snapshot:delete ${repository} ${id} removes it.`;
    return [warning(about, what, wayOut)];
  }
  if (state !== 'damaged') return [];
  const verify = `snapshot:verify ${repository} ${id}`;
  const wayOut = `${verify}. While it stays damaged: repository:sync ${repository} --wait brings back what upstream still has, then verify again; or snapshot:delete ${repository} ${id}.`;
  return [problem(about, what, wayOut)];
}

function servingFindings(description: RepositoryDescription, isStale: boolean): readonly Finding[] {
  const { repository, served } = description;
  const { name } = repository;
  if (served === undefined) return [nothingServed(description)];
  const findings: Finding[] = [];
  if (served.lostFreeze !== undefined) {
    const what = `It is frozen to ${served.lostFreeze}, which cannot be served any more.`;
    findings.push(warning(`repository ${name}`, what, `repository:unfreeze ${name}`));
  }
  if (isStale) {
    const what = 'Nothing new came within its delay, or the last two syncs that were due made no snapshot.';
    findings.push(warning(`repository ${name}`, what, `run:list ${name} shows its syncs.`));
  }
  return findings;
}

function nothingServed({ repository: { name }, lastSync, lastRun }: RepositoryDescription): Finding {
  const [about, sync] = [`repository ${name}`, `repository:sync ${name} --wait`];
  if (lastSync !== undefined) return problem(about, 'It has no snapshot that could be served.', sync);
  if (lastRun === undefined) return warning(about, 'It has not been synced yet, and serves nothing.', sync);
  const { id, state, errorCode } = lastRun;
  const how = errorCode === undefined ? state : `${state}: ${errorCode}`;
  return problem(
    about,
    `It has never been synced well, and serves nothing; its last run ${String(id)} is ${how}.`,
    `run:show ${String(id)} and run:log ${String(id)} tell why; ${sync} tries again.`,
  );
}
