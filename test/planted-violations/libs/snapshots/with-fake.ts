import { fake } from './testing/fake.js'; // breaks: testing-is-for-tests

export const seen = fake;
