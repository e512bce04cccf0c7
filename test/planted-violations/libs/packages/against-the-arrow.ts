import { storage } from '#libs/storage/thing.js'; // breaks: arrows-of-packages

export const seen = storage;
