import { repositoryName, snapshotId } from '#libs/kernel/ids.js';
import { blobKey, type Sha256 } from '#libs/storage/layout.js';

import { ChooseWay } from './choose-way.js';
import { type Delivery } from './delivery.js';

const sha256 = 'ab'.repeat(32) as Sha256;
const delivery: Delivery = {
  repository: repositoryName('debian'),
  snapshot: { id: snapshotId('20260310T000001Z'), sequence: 1 },
  file: { path: 'Packages', sha256, size: 1, mtimeMs: 0 },
  blob: blobKey(sha256),
  contentType: 'text/plain',
};
const url = new URL('https://bucket.example/');
const links = { linkTo: () => url };

const CURL = { 'user-agent': 'curl/8.5.0' };
const UCLIENT = { 'user-agent': 'uclient-fetch' };
const STRANGER = { 'user-agent': 'firmware/1' };

it.each<['auto' | 'stream' | 'redirect', Record<string, string>, string]>([
  ['auto', CURL, 'redirect'],
  ['auto', { ...CURL, range: 'bytes=5-' }, 'redirect'],
  ['auto', STRANGER, 'stream'],
  ['auto', {}, 'stream'],
  ['auto', UCLIENT, 'stream'],
  ['redirect', CURL, 'redirect'],
  ['redirect', STRANGER, 'redirect'],
  ['redirect', {}, 'redirect'],
  ['redirect', UCLIENT, 'stream'],
  ['stream', CURL, 'stream'],
  // Only we know whether they hold.
  ['redirect', { ...CURL, 'if-modified-since': 'Tue, 10 Mar 2026 12:00:00 GMT' }, 'stream'],
  ['redirect', { ...CURL, 'if-none-match': '"x"' }, 'stream'],
  ['redirect', { ...CURL, range: 'bytes=5-', 'if-range': '"x"' }, 'stream'],
])('with DELIVERY=%s %j gets a %s (T-97)', (mode, headers, kind) => {
  expect(new ChooseWay(mode, links).run(delivery, { method: 'GET', headers })).toMatchObject({ kind });
});

const NGINX = { 'x-sendfile-type': 'X-Accel-Redirect' };

it.each<[string, Record<string, string>, string]>([
  ['nginx in front', NGINX, 'accel'],
  ['a plain range', { ...NGINX, range: 'bytes=5-' }, 'accel'],
  ['a plain range at the end', { ...NGINX, range: 'bytes=-5' }, 'accel'],
  ['a tag it may have', { ...NGINX, 'if-none-match': '"x"' }, 'accel'],
  ['no nginx in front', {}, 'stream'],
  ['something else in front', { 'x-sendfile-type': 'X-Sendfile' }, 'stream'],
  // nginx would not come to the same verdict.
  ['a tag it must have', { ...NGINX, 'if-match': '"x"' }, 'stream'],
  ['a time it must have', { ...NGINX, 'if-unmodified-since': 'Tue, 10 Mar 2026 12:00:00 GMT' }, 'stream'],
  ['several ranges', { ...NGINX, range: 'bytes=0-1,3-4' }, 'stream'],
  ['a range of more digits than numbers have', { ...NGINX, range: `bytes=0-${'9'.repeat(20)}` }, 'stream'],
  ['a unit in capitals', { ...NGINX, range: 'BYTES=0-1' }, 'stream'],
])('with DELIVERY=accel and %s it is %j', (_, headers, kind) => {
  const chooseWay = new ChooseWay('accel', links);
  expect(chooseWay.run(delivery, { method: 'GET', headers }).kind).toBe(kind);
  expect(chooseWay.run(delivery, { method: 'HEAD', headers }).kind).toBe('stream');
});

it('streams what is asked for by HEAD, and everything while links do not work', () => {
  expect(new ChooseWay('redirect', links).run(delivery, { method: 'HEAD', headers: CURL }).kind).toBe('stream');
  const none = new ChooseWay('redirect', { linkTo: () => undefined });
  expect(none.run(delivery, { method: 'GET', headers: CURL }).kind).toBe('stream');
});

it.each([
  ['text/plain', undefined],
  ['text/html; charset=utf-8', 'attachment'],
])('has the server say of %s what we would have said', (contentType, contentDisposition) => {
  const linkTo = jest.fn().mockReturnValue(url);
  new ChooseWay('auto', { linkTo }).run({ ...delivery, contentType }, { method: 'GET', headers: CURL });
  expect(linkTo).toHaveBeenCalledWith(delivery.blob, { contentType, contentDisposition });
});
