import { Redis } from 'ioredis';

import { redisAddressOf } from '#libs/config/redis-address.js';
import { SECOND } from '#libs/kernel/duration.js';
import { AppError, messageOf } from '#libs/kernel/errors.js';

import { queueUnavailable } from './bull-server.js';

const PATIENCE_MS = 3 * SECOND;
/** A connection that was closed from the other side keeps a process alive for so long. */
export const DISCONNECT_MS = 200;
const OLDEST = [6, 2] as const;

/** Without user and password. */
export const placeOf = ({ hostname, port }: URL): string => `Redis at ${hostname}:${port === '' ? '6379' : port}`;

/**
 * Whether jobs are safe there for as long as it lives.
 *
 * @throws AppError `QUEUE_UNAVAILABLE`, `QUEUE_DENIED`, `QUEUE_UNFIT`
 */
export async function inspectRedis(url: URL): Promise<void> {
  const place = placeOf(url);
  const facts = await askForFacts(url, place);
  const unfit = whyUnfit(facts);
  if (unfit !== undefined)
    throw new AppError('conflict', 'QUEUE_UNFIT', `${place} ${unfit.why}.`, { hint: unfit.hint });
}

async function askForFacts(url: URL, place: string): Promise<ReadonlyMap<string, string>> {
  const redis = new Redis({
    ...redisAddressOf(url),
    lazyConnect: true,
    retryStrategy: () => null,
    enableReadyCheck: false,
    connectTimeout: PATIENCE_MS,
    commandTimeout: PATIENCE_MS,
    disconnectTimeout: DISCONNECT_MS,
  });
  const errors: unknown[] = [];
  redis.on('error', (error) => errors.push(error));
  try {
    await redis.connect();
    return parseInfo(await redis.info());
  } catch (error) {
    // Of these only the message may be shown: the error of a refused AUTH has the password in its fields.
    const messages = [...errors, error].map(messageOf);
    const denial = messages.find((message) => DENIED.test(message));
    throw denial === undefined ? queueUnavailable(place, messages[0] ?? 'it gives no answer') : denied(place, denial);
  } finally {
    redis.disconnect();
  }
}

const DENIED = /^(?:NOAUTH|WRONGPASS|NOPERM|ERR invalid password|ERR AUTH)/;

const denied = (place: string, answer: string): AppError =>
  new AppError('denied', 'QUEUE_DENIED', `${place} does not let us in: ${answer}`, {
    hint: 'Correct user and password in REDIS_URL: redis://<user>:<password>@<host>:<port>/<database>.',
  });

const parseInfo = (info: string): ReadonlyMap<string, string> =>
  new Map(
    info.split(/\r?\n/).flatMap((line): [string, string][] => {
      const [, name, value] = /^(\w+):(.*)$/.exec(line) ?? [];
      return name === undefined || value === undefined ? [] : [[name, value]];
    }),
  );

/** @param facts what the server says of itself; what it does not say, as some proxies, is believed to be well */
export function whyUnfit(
  facts: ReadonlyMap<string, string>,
): { readonly why: string; readonly hint: string } | undefined {
  const [version, policy, role] = ['redis_version', 'maxmemory_policy', 'role'].map((name) => facts.get(name));
  if (version !== undefined && isOlder(version)) {
    return { why: `is version ${version}, which is too old`, hint: `Version ${OLDEST.join('.')} or newer is needed.` };
  }
  if (policy !== undefined && policy !== 'noeviction') {
    return {
      why: `may throw jobs away when its memory is full: its maxmemory-policy is ${policy}`,
      hint: 'Set "maxmemory-policy noeviction" there.',
    };
  }
  if (role === 'slave') {
    return { why: 'is a replica, which cannot be written to', hint: 'REDIS_URL has to name the primary.' };
  }
  return undefined;
}

function isOlder(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
}
