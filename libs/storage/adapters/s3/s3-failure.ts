import { AppError, messageOf } from '#libs/kernel/errors.js';
import { systemCode } from '#libs/kernel/system-code.js';

interface Failure {
  readonly code: string;
  readonly because: string;
  readonly hint: string;
}

const CREDENTIALS: Failure = {
  code: 'S3_CREDENTIALS_REFUSED',
  because: 'the S3 server does not accept our access key',
  hint: 'Correct AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
};
const DENIED: Failure = {
  code: 'S3_ACCESS_DENIED',
  because: 'the S3 server does not allow it',
  hint: 'Allow this access key s3:ListBucket, s3:GetObject, s3:PutObject, s3:DeleteObject and s3:AbortMultipartUpload.',
};
const NO_BUCKET: Failure = {
  code: 'S3_BUCKET_MISSING',
  because: 'there is no such bucket',
  hint: 'Make it with the tools of its server, or correct AWS_BUCKET, AWS_ENDPOINT and AWS_USE_PATH_STYLE_ENDPOINT.',
};
const REGION: Failure = {
  code: 'S3_REGION_WRONG',
  because: 'the bucket is in another region',
  hint: 'Correct AWS_DEFAULT_REGION; for servers that have none it is mostly us-east-1.',
};
const CLOCK: Failure = {
  code: 'S3_CLOCK_SKEWED',
  because: 'the clock of this machine and that of the S3 server differ by minutes',
  hint: 'Set the clock of this machine (timedatectl set-ntp true).',
};
const UNREACHABLE: Failure = {
  code: 'S3_UNREACHABLE',
  because: 'the S3 server cannot be reached',
  hint: 'Look at AWS_ENDPOINT, the network, and the certificate of the server.',
};
const BUSY: Failure = {
  code: 'DISK_FAILED',
  because: 'the S3 server is busy or broken',
  hint: 'It was asked several times; look at the state of the server.',
};
const OTHER: Failure = { ...BUSY, hint: 'Look at what the server says of it.' };

const BY_NAME: Readonly<Record<string, Failure>> = {
  InvalidAccessKeyId: CREDENTIALS,
  SignatureDoesNotMatch: CREDENTIALS,
  AccessDenied: DENIED,
  Forbidden: DENIED,
  NoSuchBucket: NO_BUCKET,
  InvalidBucketName: NO_BUCKET,
  PermanentRedirect: REGION,
  AuthorizationHeaderMalformed: REGION,
  IllegalLocationConstraintException: REGION,
  RequestTimeTooSkewed: CLOCK,
  RequestExpired: CLOCK,
  TimeoutError: UNREACHABLE,
};

const BY_STATUS: Readonly<Record<number, Failure>> = { 301: REGION, 401: CREDENTIALS, 403: DENIED };

const NETWORK = /\b(?:ECONN|ENOTFOUND|EAI_|EHOST|ENET|EPIPE|ETIMEDOUT|ERR_TLS|ERR_SSL|CERT_|UNABLE_|DEPTH_ZERO|SELF_SIGNED)/;

/**
 * A request that failed, as our client throws it: what went wrong, and nothing of the request, which holds a signature
 * (trust I-20).
 */
export class S3Error extends Error {
  /** As the server names it; of a connection that failed, as Node does. */
  readonly problem: string;
  /** When there was an answer. */
  readonly status: number | undefined;

  constructor(error: unknown) {
    const { name, Code, $metadata } = error as { name?: string; Code?: string; $metadata?: Metadata };
    const problem = systemCode(error) === '' ? (Code ?? name ?? 'unknown') : systemCode(error);
    const status = $metadata?.httpStatusCode;
    super(`${problem}${status === undefined ? '' : ` (${String(status)})`}: ${messageOf(error)}`);
    this.problem = problem;
    this.status = status;
  }
}

interface Metadata {
  readonly httpStatusCode?: number;
}

/** Whether an object is not there. A missing bucket is another matter, where it can be told. */
export const isMissing = (error: unknown): boolean =>
  error instanceof S3Error && error.status === 404 && error.problem !== 'NoSuchBucket';

/** Whether a condition of the request did not hold. */
export const isRefusedByCondition = (error: unknown): boolean =>
  error instanceof S3Error && (error.status === 412 || error.problem === 'ConditionalRequestConflict');

/**
 * What a failed request means to us; an `AppError` is handed back as it is.
 *
 * @param what what could not be done, such as `write "blobs/ab/…"`
 */
export function s3Failure(error: unknown, what: string, bucket: string): AppError {
  if (error instanceof AppError) return error;
  const failed = error instanceof S3Error ? error : new S3Error(error);
  const { code, because, hint } = meaningOf(failed);
  return new AppError('unavailable', code, `Cannot ${what} in bucket "${bucket}": ${because}.`, { hint, cause: failed });
}

function meaningOf({ problem, status, message }: S3Error): Failure {
  const known = BY_NAME[problem] ?? BY_STATUS[status ?? 0];
  if (known !== undefined) return known;
  if (status === undefined) return NETWORK.test(`${problem} ${message}`) ? UNREACHABLE : { ...OTHER, because: `it failed (${problem})` };
  return status >= 500 || status === 429 ? BUSY : { ...OTHER, because: `the S3 server refused (${problem})` };
}
