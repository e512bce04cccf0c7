import { join } from 'node:path';

import { keptAppKey } from '../app-key.js';

const ROUNDS = 50;

// Starts when it is told to, so that several of these meet at every file.
process.send?.('ready');
process.once('message', (folder: string) => {
  const keys = Array.from({ length: ROUNDS }, (_, round) =>
    keptAppKey(join(folder, `${round}.key`)).toString('base64'),
  );
  process.send?.(keys, () => {
    process.disconnect();
  });
});
