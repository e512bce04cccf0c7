import { type Secret } from '#libs/config/secret.js';
import { type RepositoryName } from '#libs/kernel/ids.js';

const DEFAULTS: Readonly<Record<string, string>> = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LANG: 'C.UTF-8',
};

export interface CommandPlace {
  readonly repository: RepositoryName;
  /** Where the command saves content, as it is to see it. */
  readonly sourceDir: string;
}

/**
 * The whole environment of a sync command. What belongs to the repository reaches the command here and is never put into
 * its text (trust T-68).
 *
 * @param letThrough what it sees of ours, by the list in `#libs/config/command-variables.js`
 */
export function commandEnvironment(
  letThrough: Secret<Readonly<Record<string, string>>>,
  place: CommandPlace,
): Readonly<Record<string, string>> {
  return {
    ...DEFAULTS,
    ...letThrough.reveal(),
    PARCELER_REPOSITORY: place.repository,
    SOURCE_DIR: place.sourceDir,
  };
}
