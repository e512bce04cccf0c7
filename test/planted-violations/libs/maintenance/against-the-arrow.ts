import { jobs } from '#libs/jobs/thing.js'; // breaks: arrows-of-maintenance

export const seen = jobs;
