import { S3Error } from './s3-failure.js';

/** "Only where there is none", or no condition at all. */
export interface S3Condition {
  readonly IfNoneMatch?: '*';
}

/** Sends a request with a condition, and without it to a server that knows none. */
export async function conditionally<T>(condition: S3Condition, send: (condition: S3Condition) => Promise<T>): Promise<T> {
  try {
    return await send(condition);
  } catch (error) {
    const isUnknown = error instanceof S3Error && error.status === 501 && condition.IfNoneMatch !== undefined;
    if (isUnknown) return send({});
    throw error;
  }
}
