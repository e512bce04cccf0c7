import pino from 'pino'; // breaks: sdks-behind-adapters

export const seen = pino;
