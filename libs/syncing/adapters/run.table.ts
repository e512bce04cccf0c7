import { EntitySchema } from 'typeorm';

import { type Actor } from '#libs/kernel/actor.js';
import { type RepositoryName, type SnapshotId } from '#libs/kernel/ids.js';

import { type MilestoneOptions, type Run, type RunKind, type RunState } from '../runs/run.js';
import { openKey, type RunRequest } from '../runs/run-store.js';

export interface RunRow {
  id: number;
  kind: string;
  repository: string;
  state: string;
  /** JSON. */
  options: string | null;
  requestedBy: string;
  requestedAt: number;
  startedAt: number | null;
  finishedAt: number | null;
  attempt: number;
  stops: number;
  step: string | null;
  snapshot: string | null;
  added: number | null;
  changed: number | null;
  removed: number | null;
  errorCode: string | null;
  error: string | null;
  /** Set while the run is open. */
  openKey: string | null;
  dueKey: string | null;
}

export const runTable = new EntitySchema<RunRow>({
  name: 'run',
  tableName: 'runs',
  columns: {
    id: { type: Number, primary: true, generated: true },
    kind: { type: String },
    repository: { type: String },
    state: { type: String },
    options: { type: String, nullable: true },
    requestedBy: { type: String, name: 'requested_by' },
    requestedAt: { type: Number, name: 'requested_at' },
    startedAt: { type: Number, name: 'started_at', nullable: true },
    finishedAt: { type: Number, name: 'finished_at', nullable: true },
    attempt: { type: Number },
    stops: { type: Number },
    step: { type: String, nullable: true },
    snapshot: { type: String, nullable: true },
    added: { type: Number, nullable: true },
    changed: { type: Number, nullable: true },
    removed: { type: Number, nullable: true },
    errorCode: { type: String, name: 'error_code', nullable: true },
    error: { type: String, nullable: true },
    openKey: { type: String, name: 'open_key', nullable: true },
    dueKey: { type: String, name: 'due_key', nullable: true },
  },
});

export interface RunLogRow {
  runId: number;
  part: number;
  content: string;
}

export const runLogTable = new EntitySchema<RunLogRow>({
  name: 'run_log',
  tableName: 'run_logs',
  columns: {
    runId: { type: Number, name: 'run_id', primary: true },
    part: { type: Number, primary: true },
    content: { type: String },
  },
});

export const newRow = (request: RunRequest): Partial<RunRow> => ({
  kind: request.kind,
  repository: request.repository,
  state: 'queued' satisfies RunState,
  options: request.milestone ? milestoneText(request.milestone) : null,
  requestedBy: request.act.actor,
  requestedAt: request.at.getTime(),
  attempt: 0,
  stops: 0,
  openKey: openKey(request),
  dueKey: request.dueKey ?? null,
});

interface MilestoneText {
  readonly purge: boolean;
  readonly lifts?: { readonly snapshot: SnapshotId; readonly at: number };
}

const milestoneText = ({ purge, lifts }: MilestoneOptions): string =>
  JSON.stringify({ purge, lifts: lifts && { ...lifts, at: lifts.at.getTime() } });

function milestoneOf(text: string | null): MilestoneOptions | undefined {
  if (text === null) return undefined;
  const { purge, lifts } = JSON.parse(text) as MilestoneText;
  return { purge, lifts: lifts && { ...lifts, at: new Date(lifts.at) } };
}

export function toRun(row: RunRow): Run {
  const { added, changed, removed } = row;
  return {
    id: row.id,
    kind: row.kind as RunKind,
    milestone: milestoneOf(row.options),
    repository: row.repository as RepositoryName,
    state: row.state as RunState,
    requestedBy: row.requestedBy as Actor,
    requestedAt: new Date(row.requestedAt),
    startedAt: row.startedAt === null ? undefined : new Date(row.startedAt),
    finishedAt: row.finishedAt === null ? undefined : new Date(row.finishedAt),
    attempt: row.attempt,
    stops: row.stops,
    step: row.step ?? undefined,
    snapshot: (row.snapshot as SnapshotId | null) ?? undefined,
    changes: added === null || changed === null || removed === null ? undefined : { added, changed, removed },
    errorCode: row.errorCode ?? undefined,
    error: row.error ?? undefined,
  };
}
