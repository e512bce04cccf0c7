import { config } from '#libs/config/thing.js'; // breaks: arrows-of-files

export const seen = config;
