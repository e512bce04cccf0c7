import { setImmediate } from 'node:timers/promises';

import { MINUTE } from '#libs/kernel/duration.js';
import { fixedClock, type FixedClock } from '#libs/kernel/testing/fixed-clock.js';
import { RecordedLog } from '#libs/observability/testing/recorded-log.js';
import { objectKey } from '#libs/storage/object-key.js';

import { TemporaryLinks } from './temporary-links.js';

const key = objectKey('blobs/ab/abc');
const terms = { contentType: 'text/plain', contentDisposition: undefined };

let clock: FixedClock;
let log: RecordedLog;
let problem: string | undefined;
let followed: string[];
beforeEach(() => {
  clock = fixedClock('2026-01-01T00:00:00Z');
  log = new RecordedLog();
  problem = undefined;
  followed = [];
});

const linksOf = (has = true) =>
  new TemporaryLinks(
    {
      temporaryUrl: (of, { expiresAt }) =>
        has ? new URL(`https://s3/${of}?Signature=canary&until=${expiresAt.toISOString()}`) : undefined,
    },
    async (url) => {
      followed.push(url.pathname);
      return problem;
    },
    clock,
    log,
  );

it('gives links for a minute, once one was found to work', async () => {
  const links = linksOf();
  expect(links.linkTo(key, terms)).toBeUndefined();
  await setImmediate();
  expect(links.linkTo(key, terms)?.href).toContain('blobs/ab/abc?Signature=canary&until=2026-01-01T00:01:00');
  expect(followed).toEqual(['/.parceler-disk']);
});

it('finds out within minutes that they work no more, or again, and says so without showing one (T-99, I-20)', async () => {
  const links = linksOf();
  links.linkTo(key, terms);
  await setImmediate();
  problem = 'the server answered 403';
  clock.advance(5 * MINUTE);
  expect(links.linkTo(key, terms)).toBeDefined(); // nobody waits to be told
  await setImmediate();
  expect(links.linkTo(key, terms)).toBeUndefined();
  problem = undefined;
  clock.advance(5 * MINUTE);
  links.linkTo(key, terms);
  await setImmediate();
  expect(links.linkTo(key, terms)).toBeDefined();
  expect(log.lines.map(({ level }) => level)).toEqual(['info', 'error', 'info']);
  expect(JSON.stringify(log.lines)).not.toContain('canary');
});

it('has none where the disk has none', async () => {
  const links = linksOf(false);
  links.linkTo(key, terms);
  await setImmediate();
  expect(links.linkTo(key, terms)).toBeUndefined();
  expect([followed, log.lines]).toEqual([[], []]);
});
