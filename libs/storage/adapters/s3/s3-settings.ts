import { type Secret } from '#libs/config/secret.js';

/** Where a bucket is, and who we are there. */
export interface S3Settings {
  /** `undefined` for AWS itself. */
  readonly endpoint: URL | undefined;
  readonly region: string;
  readonly bucket: string;
  /** `https://host/bucket/key`, not `https://bucket.host/key`. */
  readonly pathStyle: boolean;
  readonly accessKeyId: string;
  readonly secretAccessKey: Secret<string>;
}
