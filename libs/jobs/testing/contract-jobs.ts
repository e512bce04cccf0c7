import { defineJob } from '../job.js';

const anyText = (data: unknown): string => {
  if (typeof data !== 'string') throw new Error('not a text');
  return data;
};

/** Jobs of the contract suite; what they do is up to the test or to the worker program. */
export const plainJob = defineJob({ name: 'contract.plain', attempts: 3, backoffMs: 200, parse: anyText });
export const onceJob = defineJob({ name: 'contract.once', attempts: 1, backoffMs: 200, parse: anyText });
/** The worker program holds it until its signal is aborted. */
export const heldJob = defineJob({ name: 'contract.held', attempts: 3, backoffMs: 200, parse: anyText });
/** The worker program dies of it. */
export const poisonJob = defineJob({ name: 'contract.poison', attempts: 2, backoffMs: 200, parse: anyText });
