import { jobs } from '#libs/jobs/thing.js'; // breaks: arrows-of-storage

export const seen = jobs;
