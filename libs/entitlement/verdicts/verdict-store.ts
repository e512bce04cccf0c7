import { type Act } from '#libs/kernel/actor.js';
import { type SystemId } from '#libs/kernel/ids.js';
import { token } from '#libs/kernel/provider.js';

import { type VerdictKey } from '../credential-keys.js';
import { type KeptVerdict } from './kept-verdict.js';

/** Whose yes it is, hashed; and which generation of answers it belongs to. */
export interface VerdictOwner {
  readonly key: VerdictKey;
  readonly systemId: SystemId;
  /** The generation when the authority was asked. */
  readonly generation: number;
}

/**
 * The yeses of licence authorities, shared by all processes and kept through a restart. It never sees a secret.
 */
export interface VerdictStore {
  /** What was saved in an older generation and has not been written yet is not found: its system may be forgotten. */
  find(key: VerdictKey, generation: number): Promise<KeptVerdict | undefined>;

  /**
   * Keeps a yes, soon: `find` in this process sees it at once, other processes after a moment, and a crash may lose it.
   * Nothing is kept when the generation has moved on meanwhile.
   */
  save(owner: VerdictOwner, verdict: KeptVerdict): void;

  /** The authority took its yes back. */
  remove(key: VerdictKey): Promise<void>;

  /** Drops every yes of a system and begins a new generation; answers how many there were. */
  forget(systemId: SystemId, at: Date, act: Act): Promise<number>;

  /** Moves on whenever some system's answers must not be believed any more: what is in memory is then dropped. */
  generation(): Promise<number>;

  /** While this is the same, so is `generation`. Costs next to nothing. */
  version(): number;

  /** Writes what was saved, and lets go of everything. */
  close(): Promise<void>;
}

export const VERDICT_STORE = token<VerdictStore>('VerdictStore');
