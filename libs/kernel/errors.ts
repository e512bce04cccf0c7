/** What went wrong, in our own terms; each edge (HTTP, CLI, worker) maps every kind once. */
export type ErrorKind =
  'invalid' | 'unauthenticated' | 'denied' | 'not-found' | 'conflict' | 'unavailable' | 'internal';

export interface ErrorContext {
  /** The way out, as one sentence for the person who sees the error. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/**
 * The only error our own code raises on purpose.
 *
 * `code` is SCREAMING_SNAKE_CASE, stable, and stands in `docs/errors.md`. `message` is one sentence that names the thing
 * and is safe to show to whoever asked; nothing internal and no secret goes into it.
 */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly hint: string | undefined;

  constructor(
    readonly kind: ErrorKind,
    readonly code: string,
    message: string,
    context: ErrorContext = {},
  ) {
    super(message, { cause: context.cause });
    this.hint = context.hint;
  }
}

export const isAppError = (error: unknown, code?: string): error is AppError =>
  error instanceof AppError && (code === undefined || error.code === code);

/** The text of anything that was thrown. */
export function messageOf(error: unknown): string {
  // By its shape: an error of Node itself is no `instanceof Error` in another realm, such as a Jest test.
  const hasMessage = typeof error === 'object' && error !== null && 'message' in error;
  return hasMessage && typeof error.message === 'string' ? error.message : String(error);
}
