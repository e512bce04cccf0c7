import { temporaryDatabase } from '#libs/persistence/testing/temporary-database.js';

import { DatabaseGarbageMarks } from '../adapters/database/database-garbage-marks.js';
import { garbageMarkTable } from '../adapters/database/garbage-mark.table.js';
import { describeGarbageMarks } from '../testing/garbage-marks.contract.js';
import { InMemoryGarbageMarks } from '../testing/in-memory-garbage-marks.js';

describeGarbageMarks('InMemoryGarbageMarks', () =>
  Promise.resolve({ marks: new InMemoryGarbageMarks(), remove: () => Promise.resolve() }),
);

describeGarbageMarks('DatabaseGarbageMarks', async () => {
  const { database, remove } = await temporaryDatabase([garbageMarkTable]);
  return { marks: new DatabaseGarbageMarks(database), remove };
});
