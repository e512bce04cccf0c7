import { snapshots } from '#libs/snapshots/thing.js'; // breaks: arrows-of-repositories

export const seen = snapshots;
