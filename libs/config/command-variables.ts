const USUAL = new Set(['PATH', 'HOME', 'LANG', 'TZ']);
const RCLONE = /^RCLONE_[A-Z0-9_]+$/;

/** What sync commands see of our environment: a list of what is let through, so that no secret of ours is (trust T-70). */
export const isForCommands = (name: string, listed: readonly string[]): boolean =>
  USUAL.has(name) || RCLONE.test(name) || listed.includes(name);
