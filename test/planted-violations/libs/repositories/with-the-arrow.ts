import { edition } from '#libs/entitlement/edition.js';
import { kernel } from '#libs/kernel/thing.js';

export const seen = [edition, kernel];
