import { Global, forwardRef, Injectable } from '@nestjs/common';
import { mkdirSync } from 'node:fs';
import { env } from 'node:process'; // breaks: no-restricted-imports

import { commands } from './thing.js';

export { commands } from './thing.js'; // breaks: no-restricted-syntax
export * from './thing.js'; // breaks: no-restricted-syntax

export enum Colour { // breaks: no-restricted-syntax
  Red,
}

@Global() // breaks: no-restricted-syntax
export class EverywhereModule {}

@Injectable() // breaks: no-restricted-syntax
export class Decorated {
  readonly later: unknown = forwardRef(() => EverywhereModule); // breaks: no-restricted-syntax
}

export default Decorated; // breaks: no-restricted-syntax
export { commands as default } from './thing.js'; // breaks: no-restricted-syntax

export const home = process.env['HOME'] ?? env['HOME']; // breaks: n/no-process-env

export function shout(): void {
  console.log(commands); // breaks: no-console
  mkdirSync('a/b', { recursive: true }); // breaks: no-restricted-syntax
}
