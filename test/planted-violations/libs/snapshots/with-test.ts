import { seen as theirs } from './thing.test.js'; // breaks: nobody-imports-a-test

export const seen = theirs;
