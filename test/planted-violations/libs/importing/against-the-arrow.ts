import { jobs } from '#libs/jobs/thing.js'; // breaks: arrows-of-importing

export const seen = jobs;
