import { createRequire } from 'node:module';

import type SQLite from 'better-sqlite3';

/** Node-API versions of the running Node; better-sqlite3 13 asks for the tenth, which came with Node 22.14. */
const NODE_API = Number(process.versions['napi']);

/**
 * better-sqlite3, in the version that fits this Node; both are optional dependencies, and npm installs the one that does.
 * No single version fits all: 13 crashes when it is loaded by Node 20, and 12 aborts the process at some collection of
 * garbage from Node 24.19 on (docs/adr/0007-a-sqlite-driver-for-each-node.md).
 */
export const BetterSqlite3 = createRequire(__filename)(
  NODE_API >= 10 ? 'better-sqlite3' : 'better-sqlite3-for-node-20',
) as typeof SQLite;
