import { Secret } from '#libs/config/secret.js';

import { type DatabaseLocation } from '../open-database.js';

/** A location as one word, for the command line of a process that a test starts. */
export const textOf = (location: DatabaseLocation): string =>
  location.driver === 'sqlite' ? location.file : location.url.reveal().href;

export const locationAt = (text: string): DatabaseLocation =>
  text.startsWith('/') ? { driver: 'sqlite', file: text } : { driver: 'postgres', url: new Secret(new URL(text)) };
