import { type Snapshot, type SnapshotState } from './snapshot.js';

/** The latest milestone release of a repository: what it put in front, and when. */
export interface Milestone {
  readonly sequence: number;
  readonly at: Date;
}

/**
 * The state in which a snapshot comes back that was away, damaged or vanished, since `since`. A milestone release that it
 * missed counts for it, too: what is repaired must not go back in front of the milestone.
 */
export function stateOnReturn(
  { sequence, state, since }: Pick<Snapshot, 'sequence' | 'state'> & { readonly since: Date },
  milestone: Milestone | undefined,
): SnapshotState {
  const missed = milestone !== undefined && sequence < milestone.sequence && since <= milestone.at;
  return missed && state === 'complete' ? 'superseded' : state;
}
