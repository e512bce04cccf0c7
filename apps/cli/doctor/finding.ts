import { type Name, type Thing } from '#libs/kernel/provider.js';

/** `problem`: something does not work · `warning`: somebody should look at it. */
export interface Finding extends Readonly<Record<string, unknown>> {
  readonly severity: 'problem' | 'warning';
  readonly about: string;
  readonly finding: string;
  readonly wayOut: string;
}

export const problem = (about: string, finding: string, wayOut: string): Finding => ({
  severity: 'problem',
  about,
  finding,
  wayOut,
});

export const warning = (about: string, finding: string, wayOut: string): Finding => ({
  severity: 'warning',
  about,
  finding,
  wayOut,
});

/** How a check comes by a use case or store. */
export type Use = <const N extends Name<unknown>>(name: N) => Promise<Thing<N>>;

/** Looks at one thing, and changes nothing. */
export type Check = (use: Use) => Promise<readonly Finding[]>;
