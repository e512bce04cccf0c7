import { storage } from '#libs/storage/thing.js'; // breaks: arrows-of-observability

export const seen = storage;
