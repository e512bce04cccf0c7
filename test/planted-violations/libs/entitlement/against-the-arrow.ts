import { repositories } from '#libs/repositories/thing.js'; // breaks: arrows-of-entitlement

export const seen = repositories;
