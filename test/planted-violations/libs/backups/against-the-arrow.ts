import { jobs } from '#libs/jobs/thing.js'; // breaks: arrows-of-backups

export const seen = jobs;
