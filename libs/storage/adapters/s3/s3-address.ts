import { type S3Settings } from '#libs/config/config.js';

export type S3Place = Pick<S3Settings, 'endpoint' | 'region' | 'bucket' | 'pathStyle'>;

/** What every encoder of AWS leaves alone (RFC 3986, section 2.3). */
export const encoded = (text: string): string =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);

/** The address of an object as the server sees it, without a query. */
export function addressOf(place: S3Place, key: string): { readonly origin: string; readonly host: string; readonly path: string } {
  const { protocol, host, pathname } = place.endpoint ?? new URL(`https://s3.${place.region}.${domainOf(place.region)}`);
  // A certificate for *.host does not hold for names with more dots.
  const inPath = place.pathStyle || place.bucket.includes('.');
  const named = inPath ? host : `${place.bucket}.${host}`;
  const above = `${pathname.replace(/\/$/, '')}/${inPath ? `${place.bucket}/` : ''}`;
  return { origin: `${protocol}//${named}`, host: named, path: above + key.split('/').map(encoded).join('/') };
}

const domainOf = (region: string): string => (region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com');
