import { api } from '../api/thing.js'; // breaks: apps-are-apart

export const seen = api;
