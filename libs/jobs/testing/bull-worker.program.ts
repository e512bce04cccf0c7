import { silentLog } from '#libs/observability/log.js';

import { BullOnPostgres } from '../adapters/bull-on-postgres.js';
import { BullOnRedis } from '../adapters/bull-on-redis.js';
import { BullQueue } from '../adapters/bull-queue.js';
import { moveDateAhead } from './move-date-ahead.js';
import { workUntilTerminated } from './worker-program.js';

const [, , address = '', aheadMs = '0'] = process.argv;
const url = new URL(address);
const server = url.protocol === 'redis:' ? new BullOnRedis(url) : new BullOnPostgres(url);

moveDateAhead(Number(aheadMs));
void workUntilTerminated(new BullQueue(server, silentLog));
