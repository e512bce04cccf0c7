import { syncing } from '#libs/syncing/thing.js'; // breaks: arrows-of-delivery

export const seen = syncing;
