import { storage } from '#libs/storage/thing.js'; // breaks: arrows-of-persistence

export const seen = storage;
