import { type S3Client } from '@aws-sdk/client-s3';

/** A bucket with the client that reaches it. */
export interface S3Bucket {
  readonly client: Pick<S3Client, 'send'>;
  readonly name: string;
}
