import { syncing } from '#libs/syncing/thing.js'; // breaks: arrows-of-snapshots

export const seen = syncing;
