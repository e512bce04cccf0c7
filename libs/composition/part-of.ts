import { type INestApplicationContext } from '@nestjs/common';

import { type Name, type Thing } from '#libs/kernel/provider.js';

/** A use case or driver of an application, of the type that its name says. */
export const partOf = <const N extends Name<unknown>>(app: INestApplicationContext, name: N): Thing<N> =>
  app.get<Thing<N>>(name, { strict: false });
