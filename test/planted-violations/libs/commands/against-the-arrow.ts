import { jobs } from '#libs/jobs/thing.js'; // breaks: arrows-of-commands

export const seen = jobs;
