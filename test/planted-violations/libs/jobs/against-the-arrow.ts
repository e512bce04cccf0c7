import { repositories } from '#libs/repositories/thing.js'; // breaks: arrows-of-jobs

export const seen = repositories;
