/** Who asked for a change, as the audit log keeps it: `cli:root`, `schedule`, `worker:4711`, `api:milestone-token`. */
export type Actor = string & { readonly __brand: 'Actor' };

/** A change somebody asked for: who, and why when they said so. */
export interface Act {
  readonly actor: Actor;
  readonly reason?: string | undefined;
}

export const actor = (kind: 'cli' | 'api' | 'schedule' | 'worker', name?: string): Actor =>
  (name === undefined ? kind : `${kind}:${name}`) as Actor;
