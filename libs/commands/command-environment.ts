import { type RepositoryName } from '#libs/kernel/ids.js';

const USUAL = ['PATH', 'HOME', 'LANG', 'TZ'];
const RCLONE = /^RCLONE_[A-Z0-9_]+$/;

const DEFAULTS: Readonly<Record<string, string>> = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LANG: 'C.UTF-8',
};

export interface CommandSettings {
  /** Values that the operator's shell or `.env` file gave. */
  readonly environmentValues: Readonly<Record<string, string>>;
  /** Names that the operator lets through besides the usual ones (`SYNC_ENV`). */
  readonly environment: readonly string[];
}

export interface CommandPlace {
  readonly repository: RepositoryName;
  /** Where the command saves content, as it is to see it. */
  readonly sourceDir: string;
}

/**
 * The whole environment of a sync command: a list of what is let through, so that no secret of ours is (trust T-70). What
 * belongs to the repository reaches the command here and is never put into its text (trust T-68).
 */
export function commandEnvironment(settings: CommandSettings, place: CommandPlace): Readonly<Record<string, string>> {
  const allowed = new Set([...USUAL, ...settings.environment]);
  const passed = Object.entries(settings.environmentValues).filter(([name]) => allowed.has(name) || RCLONE.test(name));
  return {
    ...DEFAULTS,
    ...Object.fromEntries(passed),
    PARCELER_REPOSITORY: place.repository,
    SOURCE_DIR: place.sourceDir,
  };
}
