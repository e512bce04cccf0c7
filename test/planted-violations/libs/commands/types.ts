import { Readable } from 'node:stream'; // breaks: @typescript-eslint/consistent-type-imports

export type State = 'waiting' | 'done';

export const anything: any = 1; // breaks: @typescript-eslint/no-explicit-any

export function told(state: State): string {
  switch (state) { // breaks: @typescript-eslint/switch-exhaustiveness-check
    case 'done':
      return 'done';
  }
  return 'unknown';
}

export function certain(stream: Readable | undefined): Readable {
  return stream!; // breaks: @typescript-eslint/no-non-null-assertion
}

export function forgotten(promise: Promise<void>): void {
  promise; // breaks: @typescript-eslint/no-floating-promises @typescript-eslint/no-unused-expressions
}
