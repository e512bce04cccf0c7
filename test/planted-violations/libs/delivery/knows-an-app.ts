import { api } from '../../apps/api/thing.js'; // breaks: libs-know-no-app

export const seen = api;
