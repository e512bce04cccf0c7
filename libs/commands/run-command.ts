import { token } from '#libs/kernel/provider.js';

export interface CommandRequest {
  /** Run by `/bin/sh -c`. It is the operator's own text; nothing of ours is interpolated into it. */
  readonly command: string;
  readonly cwd: string;
  /** The whole environment; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  /** A file whose lock every descendant inherits, so that an orphan keeps a successor from starting (trust I-12). */
  readonly lockFile: string;
  readonly timeoutMs: number;
  /** Ended when neither output nor growth of `cwd`'s watched folder was seen for so long. */
  readonly idleTimeoutMs: number;
  /** The folder whose growth counts as a sign of life. */
  readonly watchFolder: string;
  readonly signal: AbortSignal;
  /** Called with text as it comes, already redacted and in whole lines where possible. Slow receivers lose nothing but time. */
  readonly onOutput: (text: string) => void;
}

export type CommandOutcome =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'killed'; readonly signal: string }
  | { readonly kind: 'timed-out'; readonly after: 'total' | 'idle' }
  | { readonly kind: 'aborted' }
  /** An orphan of an earlier run still holds the lock. */
  | { readonly kind: 'locked' }
  | { readonly kind: 'not-started'; readonly cause: unknown };

export interface CommandResult {
  readonly outcome: CommandOutcome;
  readonly durationMs: number;
  readonly outputBytes: number;
}

/** Runs an operator's command so that its whole process tree ends with it, with a timeout, with an abort, or with us. */
export interface CommandRunner {
  run(request: CommandRequest): Promise<CommandResult>;
}

export const COMMAND_RUNNER = token<CommandRunner>('CommandRunner');
