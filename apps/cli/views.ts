import { type RepositoryDescription } from '#libs/releases/describe-repositories.js';
import { formatDuration, SECOND } from '#libs/kernel/duration.js';
import { redactText } from '#libs/observability/redact-text.js';
import { type Freeze } from '#libs/repositories/repository.js';
import { type Served } from '#libs/snapshots/stable-snapshot.js';
import { type Run } from '#libs/syncing/runs/run.js';

/** Field names are stable and documented in `docs/cli.md`. */
export const repositoryView = (
  { repository, served, lastSync, lastRun, nextChange }: RepositoryDescription,
  now: Date,
) => ({
  name: repository.name,
  command: redactText(repository.command),
  sourceFolder: repository.sourceFolder ?? null,
  delay: repository.delay,
  holdBack: repository.holdBack,
  schedule: repository.schedule ?? null,
  editions: repository.editions,
  frozen: repository.freeze ? freezeView(repository.freeze) : null,
  served: served ? servedView(served, now) : null,
  nextChange: nextChange ?? null,
  lastSync: lastSync?.finishedAt ?? null,
  lastRun: lastRun ? lastRunView(lastRun) : null,
});

const freezeView = ({ snapshot, at, reason, until }: Freeze) => ({
  snapshot,
  at,
  reason: reason ?? null,
  until: until ?? null,
});

const servedView = ({ snapshot, reason, stale }: Served, now: Date) => ({
  snapshot: snapshot.id,
  reason,
  stale,
  takenAt: snapshot.takenAt,
  ageSeconds: Math.max(0, Math.round((now.getTime() - snapshot.takenAt.getTime()) / SECOND)),
});

const lastRunView = ({ id, state, finishedAt, errorCode, error }: Run) => ({
  id,
  state,
  finishedAt: finishedAt ?? null,
  errorCode: errorCode ?? null,
  error: error ?? null,
});

export type RepositoryView = ReturnType<typeof repositoryView>;

export function runView(run: Run, now: Date) {
  const { startedAt, finishedAt = now } = run;
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
    /** From the beginning of the first attempt, while it is open so far. */
    durationSeconds: startedAt ? Math.max(0, (finishedAt.getTime() - startedAt.getTime()) / SECOND) : null,
    snapshot: run.snapshot ?? null,
    changes: run.changes ?? null,
    errorCode: run.errorCode ?? null,
    error: run.error ?? null,
  };
}

export type RunView = ReturnType<typeof runView>;

/** `20260114T103045Z (window)`: what clients get, and why. */
export const servedText = (served: { readonly snapshot: string; readonly reason: string; readonly stale: boolean }) =>
  `${served.snapshot} (${served.reason}${served.stale ? ', stale' : ''})`;

export const durationText = (seconds: number | null): string =>
  seconds === null ? '' : formatDuration(seconds * SECOND);

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
