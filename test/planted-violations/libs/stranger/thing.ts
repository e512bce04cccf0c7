import { kernel } from '#libs/kernel/thing.js'; // breaks: every-lib-has-arrows

export const seen = kernel;
