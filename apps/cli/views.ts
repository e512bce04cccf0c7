import { type RepositoryDescription } from '#libs/releases/describe-repositories.js';
import { formatDuration } from '#libs/kernel/duration.js';
import { type Run } from '#libs/syncing/runs/run.js';

/** Field names are stable and documented in `docs/cli.md`. */
export function repositoryView({ repository, served, lastSync, nextChange }: RepositoryDescription, now: Date) {
  const { freeze } = repository;
  return {
    name: repository.name,
    command: repository.command,
    sourceFolder: repository.sourceFolder ?? null,
    delay: repository.delay,
    holdBack: repository.holdBack,
    schedule: repository.schedule ?? null,
    editions: repository.editions,
    frozen: freeze
      ? { snapshot: freeze.snapshot, at: freeze.at, reason: freeze.reason ?? null, until: freeze.until ?? null }
      : null,
    served: served
      ? {
          snapshot: served.snapshot.id,
          reason: served.reason,
          stale: served.stale,
          takenAt: served.snapshot.takenAt,
          ageSeconds: Math.max(0, Math.round((now.getTime() - served.snapshot.takenAt.getTime()) / 1000)),
        }
      : null,
    nextChange: nextChange ?? null,
    lastSync: lastSync?.finishedAt ?? null,
  };
}

export type RepositoryView = ReturnType<typeof repositoryView>;

export function runView(run: Run) {
  return {
    id: run.id,
    kind: run.kind,
    repository: run.repository,
    state: run.state,
    step: run.step ?? null,
    attempt: run.attempt,
    requestedBy: run.requestedBy,
    requestedAt: run.requestedAt,
    startedAt: run.startedAt ?? null,
    finishedAt: run.finishedAt ?? null,
    snapshot: run.snapshot ?? null,
    changes: run.changes ?? null,
    errorCode: run.errorCode ?? null,
    error: run.error ?? null,
  };
}

export type RunView = ReturnType<typeof runView>;

export const ageText = (instant: Date | null, now: Date): string =>
  instant === null ? '' : formatDuration(now.getTime() - instant.getTime());

/** To the minute, UTC: `2026-01-14 10:30 UTC`. */
export const instantText = (instant: Date | null): string =>
  instant === null ? '' : `${instant.toISOString().slice(0, 16).replace('T', ' ')} UTC`;

export const bytesText = (bytes: number): string => {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  const value = bytes / 1024 ** power;
  return `${power === 0 ? String(value) : value.toFixed(1)} ${units[power] ?? 'B'}`;
};
