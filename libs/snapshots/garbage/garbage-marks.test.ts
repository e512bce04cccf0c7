import { describeEachDatabase } from '#libs/persistence/testing/each-database.js';

import { DatabaseGarbageMarks } from '../adapters/database/database-garbage-marks.js';
import { garbageMarkTable } from '../adapters/database/garbage-mark.table.js';
import { describeGarbageMarks } from '../testing/garbage-marks.contract.js';
import { InMemoryGarbageMarks } from '../testing/in-memory-garbage-marks.js';

describeGarbageMarks('InMemoryGarbageMarks', () =>
  Promise.resolve({ marks: new InMemoryGarbageMarks(), remove: () => Promise.resolve() }),
);

describeEachDatabase('DatabaseGarbageMarks', (makeDatabase) => {
  describeGarbageMarks('DatabaseGarbageMarks', async () => {
    const { database, remove } = await makeDatabase([garbageMarkTable]);
    return { marks: new DatabaseGarbageMarks(database), remove };
  });
});
