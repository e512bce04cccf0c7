import { type ClientBase } from 'pg';

import { AppError } from '#libs/kernel/errors.js';

import { nameOf, type Place } from './place.js';

/** The oldest that still gets corrections, and knows all that is asked of it here. */
const OLDEST = 14;

/** What a server says of itself and of the database that a connection leads to. */
export interface ServerFacts {
  /** Such as 150018 for 15.18. */
  readonly version: number;
  readonly encoding: string;
  /** It repeats what another server does, and cannot be written. */
  readonly isStandby: boolean;
  /** Of the database, in its server; one that is made anew under the same name has another. */
  readonly oid: string;
}

const FACTS = `
  select current_setting('server_version_num')::int as version, pg_encoding_to_char(encoding) as encoding,
         pg_is_in_recovery() as "isStandby", oid::text as oid
  from pg_database where datname = current_database()`;

/** Looks at what a new connection leads to, before it is used: after an outage that may be something else. */
export class Greeting {
  private oid: string | undefined;
  private isAnother = false;

  constructor(private readonly place: Place) {}

  /** Whether a connection led to a database that was made after this process began. */
  get isReplaced(): boolean {
    return this.isAnother;
  }

  /**
   * Those of the server's settings count from then on.
   *
   * @throws AppError `DATABASE_TOO_OLD`, `DATABASE_WRONG_ENCODING`, `DATABASE_NOT_WRITABLE`, `DATABASE_REPLACED`
   */
  async run(client: ClientBase, settings: string): Promise<void> {
    const { rows } = await client.query<ServerFacts>(FACTS);
    for (const facts of rows) {
      assertFit(facts, this.place);
      this.oid ??= facts.oid;
      this.isAnother = facts.oid !== this.oid;
    }
    if (this.isAnother) throw replaced();
    await client.query(settings);
  }
}

/** @throws AppError */
export function assertFit({ version, encoding, isStandby }: ServerFacts, place: Place): void {
  if (version < OLDEST * 10_000) {
    const message = `The database server at ${place.server} is PostgreSQL ${String(Math.floor(version / 10_000))}; Parceler needs ${String(OLDEST)} or newer.`;
    throw new AppError('invalid', 'DATABASE_TOO_OLD', message, { hint: 'Upgrade the server.' });
  }
  if (encoding !== 'UTF8') {
    throw new AppError(
      'invalid',
      'DATABASE_WRONG_ENCODING',
      `The ${nameOf(place)} keeps text as ${encoding}, not as UTF8.`,
      {
        hint: `Make one with: createdb --encoding UTF8 --template template0 ${place.database}.`,
      },
    );
  }
  if (isStandby) {
    throw new AppError('unavailable', 'DATABASE_NOT_WRITABLE', `The database server at ${place.server} is a standby.`, {
      hint: 'Set DATABASE_URL to the address of the primary server.',
    });
  }
}

export const replaced = (): AppError =>
  new AppError('unavailable', 'DATABASE_REPLACED', 'The database was made anew while it was in use.', {
    hint: 'Restart this process, so that it opens the database that is there now.',
  });
