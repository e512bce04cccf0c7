import { readFileSync } from 'node:fs'; // breaks: kernel-is-pure

export const seen = readFileSync;
