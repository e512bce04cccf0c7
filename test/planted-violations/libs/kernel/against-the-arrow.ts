import { config } from '#libs/config/thing.js'; // breaks: arrows-of-kernel kernel-is-pure

export const seen = config;
