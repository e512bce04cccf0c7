import { assertFit, type ServerFacts } from './greeting.js';

const PLACE = { server: 'db.example:5432', database: 'parceler' };
const FIT: ServerFacts = { version: 150_018, encoding: 'UTF8', isStandby: false, oid: '1' };

it.each([FIT, { ...FIT, version: 140_000 }, { ...FIT, version: 190_001 }])('takes %o', (facts) => {
  expect(() => assertFit(facts, PLACE)).not.toThrow();
});

it.each([
  [
    { version: 130_014 },
    'DATABASE_TOO_OLD',
    'The database server at db.example:5432 is PostgreSQL 13; Parceler needs 14',
  ],
  [{ version: 90_624 }, 'DATABASE_TOO_OLD', 'The database server at db.example:5432 is PostgreSQL 9;'],
  [
    { encoding: 'SQL_ASCII' },
    'DATABASE_WRONG_ENCODING',
    'The database "parceler" at db.example:5432 keeps text as SQL_ASCII',
  ],
  [{ isStandby: true }, 'DATABASE_NOT_WRITABLE', 'The database server at db.example:5432 is a standby.'],
])('refuses %o with %s', (facts, code, message) => {
  expect(() => assertFit({ ...FIT, ...facts }, PLACE)).toThrow(
    expect.objectContaining({ code, message: expect.stringContaining(message) as string }) as Error,
  );
});
