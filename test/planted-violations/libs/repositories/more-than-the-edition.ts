import { entitlement } from '#libs/entitlement/thing.js'; // breaks: arrows-of-repositories

export const seen = entitlement;
