import { token } from '#libs/kernel/provider.js';

/** Lets a use case change several stores so that all of it becomes true at once, or nothing. */
export interface UnitOfWork {
  /** What `work` changes in stores, and nothing else that it does, is undone when it throws. */
  run<T>(work: () => Promise<T>): Promise<T>;
}

export const UNIT_OF_WORK = token<UnitOfWork>('UnitOfWork');
