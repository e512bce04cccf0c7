/** A declared kind of queued work. It stands beside the feature that does the work. */
export interface JobDefinition<Data> {
  readonly name: string;
  /** How often it is tried before it is parked as failed. */
  readonly attempts: number;
  /** Milliseconds before the second try; doubles with each further one. */
  readonly backoffMs: number;
  /** Turns stored data back into a value, or throws `AppError` `INVALID_JOB_DATA`. */
  readonly parse: (data: unknown) => Data;
}

export interface JobContext {
  /** Aborted when the worker stops, or the claim on the job was lost. Its reason says which. */
  readonly signal: AbortSignal;
  /** 0 to 1, kept with the job for whoever watches. */
  progress(fraction: number): Promise<void>;
}

/** A handler of any data fits where `JobHandler` is asked for: it is only ever given what its own job has parsed. */
export interface JobHandler<Data = unknown> {
  readonly job: JobDefinition<Data>;
  handle(data: Data, context: JobContext): Promise<void>;
}

export const defineJob = <Data>(definition: JobDefinition<Data>): JobDefinition<Data> => definition;

/** Thrown by a handler that cannot do its work yet; it is tried again later, and this try does not count. */
export class JobNotReady extends Error {
  override readonly name = 'JobNotReady';
  constructor(
    readonly delayMs: number,
    reason: string,
  ) {
    super(reason);
  }
}

/** Why a running job's signal was aborted. */
export type JobAbortReason = 'worker-stopping' | 'claim-lost';
