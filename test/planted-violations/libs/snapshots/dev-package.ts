import fc from 'fast-check'; // breaks: no-dev-packages-in-production

export const seen = fc;
