import { appKey } from './value-kinds.js';
import { type Settings } from './variables.js';

/** What has to be set because something else is, as whole sentences. */
export function missing(values: Partial<Settings>, isSet: (name: keyof Settings) => boolean): readonly string[] {
  const neededFor = (choice: string, names: readonly (keyof Settings)[]) =>
    names.filter((name) => !isSet(name)).map((name) => `${name} is not set; ${choice} needs it.`);
  return [
    ...(values.APP_ENV === 'production' && !isSet('APP_KEY')
      ? [`APP_KEY is not set; in production it must be ${appKey.expected}.`]
      : []),
    ...(values.DB_CONNECTION === 'postgres' ? neededFor('DB_CONNECTION=postgres', ['DATABASE_URL']) : []),
    ...(isSet('DATABASE_URL') && !isSet('DB_CONNECTION')
      ? ['DATABASE_URL is set, and DB_CONNECTION is not; say postgres to use it, or sqlite.']
      : []),
    ...deliveryWithout(values),
    ...(values.FILESYSTEM_DISK === 's3' ? neededFor('FILESYSTEM_DISK=s3', NEEDED_FOR_S3) : []),
  ];
}

/** A way of delivery that the disk has not. */
function deliveryWithout({ FILESYSTEM_DISK: disk, DELIVERY: delivery }: Partial<Settings>): readonly string[] {
  if (disk !== 's3' && delivery === 'redirect') {
    return ['DELIVERY is redirect; only FILESYSTEM_DISK=s3 has links to redirect to.'];
  }
  if (disk === 's3' && delivery === 'accel') {
    return ['DELIVERY is accel; nginx can send only what FILESYSTEM_DISK=local has.'];
  }
  return [];
}

const NEEDED_FOR_S3 = ['AWS_BUCKET', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'] as const;
