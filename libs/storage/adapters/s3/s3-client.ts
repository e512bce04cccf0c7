import { createHash } from 'node:crypto';

import { S3Client } from '@aws-sdk/client-s3';

import { SECOND } from '#libs/kernel/duration.js';

import { S3Error } from './s3-failure.js';
import { type S3Settings } from '#libs/config/config.js';

/**
 * How often a request is tried, and how long it is waited for. Between tries lies a random part of 0.1 s, then of 0.2 s,
 * 0.4 s and so on, of five times as much when the server asks to slow down; and all requests together have a budget
 * of tries, so that a server which is down is not besieged (trust T-90).
 */
export interface S3Patience {
  readonly tries: number;
  readonly connectMs: number;
  /** Until the head of the answer is there, with the time in which the body is sent. */
  readonly answerMs: number;
  /** Without a byte in either direction. */
  readonly idleMs: number;
}

export const USUAL_PATIENCE: S3Patience = {
  tries: 5,
  connectMs: 5 * SECOND,
  answerMs: 60 * SECOND,
  idleMs: 30 * SECOND,
};

// Which Node a later release of the SDK will need is nothing that operators can do anything about.
// eslint-disable-next-line n/no-process-env -- the SDK has no other switch, and reads it when the first client is made
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

/** Connections of one process. */
const AT_ONCE = 64;

/** A client that gets along with every server that speaks S3. */
export function s3Client(settings: S3Settings, patience = USUAL_PATIENCE): S3Client {
  const { endpoint, region, pathStyle, accessKeyId, secretAccessKey } = settings;
  const agent = { keepAlive: true, maxSockets: AT_ONCE };
  const client = new S3Client({
    ...(endpoint === undefined ? {} : { endpoint: endpoint.href }),
    region,
    forcePathStyle: pathStyle,
    credentials: { accessKeyId, secretAccessKey: secretAccessKey.reveal() },
    // The newer checksums are known to few servers besides AWS; we send Content-MD5, and look at what was stored.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    followRegionRedirects: false,
    expectContinueHeader: false,
    maxAttempts: patience.tries,
    retryMode: 'standard',
    requestHandler: {
      connectionTimeout: patience.connectMs,
      requestTimeout: patience.answerMs,
      throwOnRequestTimeout: true,
      socketTimeout: patience.idleMs,
      httpAgent: agent,
      httpsAgent: agent,
    },
  });
  sendMd5WithDeletions(client);
  throwOurErrors(client);
  return client;
}

/** Deleting many objects needs a checksum, and MD5 is the one that every server takes. */
function sendMd5WithDeletions(client: S3Client): void {
  client.middlewareStack.add(
    (next, { commandName }) =>
      (args) => {
        if (commandName !== 'DeleteObjectsCommand') return next(args);
        const request = args.request as { headers: Record<string, string>; readonly body: string };
        const others = Object.entries(request.headers).filter(([name]) => !NEWER_CHECKSUM.test(name));
        const md5 = createHash('md5').update(request.body).digest('base64');
        request.headers = { ...Object.fromEntries(others), 'content-md5': md5 };
        return next(args);
      },
    { step: 'build', priority: 'low', name: 'sendMd5WithDeletions' },
  );
}

const NEWER_CHECKSUM = /^x-amz-(?:checksum-|sdk-checksum-algorithm$)/;

/** The SDK's carry requests and answers with them. */
function throwOurErrors(client: S3Client): void {
  client.middlewareStack.add(
    (next) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        throw new S3Error(error);
      }
    },
    { step: 'initialize', priority: 'high', name: 'throwOurErrors' },
  );
}
