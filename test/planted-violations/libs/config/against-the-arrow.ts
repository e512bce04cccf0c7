import { observability } from '#libs/observability/thing.js'; // breaks: arrows-of-config

export const seen = observability;
