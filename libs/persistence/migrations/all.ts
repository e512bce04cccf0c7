import { type MigrationInterface } from 'typeorm';

import { Initial1795000000000 } from './1795000000000-initial.js';

export type Migrations = readonly (new () => MigrationInterface)[];

/** In order. A migration that was released is never changed, only followed by another. */
export const migrations: Migrations = [Initial1795000000000];
