import fc from 'fast-check';

export const fake = fc;
