import { releases } from '#libs/releases/thing.js'; // breaks: arrows-of-syncing

export const seen = releases;
