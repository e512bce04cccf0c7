import { type S3Settings } from '#libs/config/config.js';
import { Secret } from '#libs/config/secret.js';

import { presignedUrl } from './presigned-url.js';
import { addressOf } from './s3-address.js';

/** The one that AWS publishes with its description of the algorithm. */
const EXAMPLE: S3Settings = {
  endpoint: new URL('https://s3.amazonaws.com'),
  region: 'us-east-1',
  bucket: 'examplebucket',
  pathStyle: false,
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: new Secret('wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'),
};
const NOW = new Date('2013-05-24T00:00:00Z');

it('signs as AWS does', () => {
  const link = { key: 'test.txt', query: {}, expiresAt: new Date('2013-05-25T00:00:00Z') };
  const url = presignedUrl(EXAMPLE, link, NOW);
  expect(`${url.origin}${url.pathname}`).toBe('https://examplebucket.s3.amazonaws.com/test.txt');
  expect(url.searchParams.get('X-Amz-Expires')).toBe('86400');
  expect(url.searchParams.get('X-Amz-Signature')).toBe(
    'aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404',
  );
  expect(presignedUrl(EXAMPLE, link, NOW).href).toBe(url.href); // with the key of the day, kept by now
  expect(url.href).not.toContain('wJalr');
});

it.each<[string, Partial<S3Settings>, string]>([
  ['AWS', { endpoint: undefined, region: 'eu-south-1' }, 'https://examplebucket.s3.eu-south-1.amazonaws.com/a%20b/c'],
  ['AWS in China', { endpoint: undefined, region: 'cn-north-1' }, 'https://examplebucket.s3.cn-north-1.amazonaws.com.cn/a%20b/c'],
  ['a bucket with dots', { endpoint: undefined, bucket: 'a.b' }, 'https://s3.us-east-1.amazonaws.com/a.b/a%20b/c'],
  ['a path style', { pathStyle: true }, 'https://s3.amazonaws.com/examplebucket/a%20b/c'],
  ['a port', { endpoint: new URL('http://minio:9000') }, 'http://examplebucket.minio:9000/a%20b/c'],
  ['a path before it', { endpoint: new URL('https://host/s3/'), pathStyle: true }, 'https://host/s3/examplebucket/a%20b/c'],
])('finds the address for %s', (_, place, expected) => {
  const { origin, path } = addressOf({ ...EXAMPLE, ...place }, 'a b/c');
  expect(origin + path).toBe(expected);
});
