import { Initial1795000000000 } from './1795000000000-initial.js';

/** In order. A migration that was released is never changed, only followed by another. */
export const migrations = [Initial1795000000000] as const;
