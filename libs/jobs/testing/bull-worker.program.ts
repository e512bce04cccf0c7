import { silentLog } from '#libs/observability/log.js';

import { BullOnRedis } from '../adapters/bull-on-redis.js';
import { BullQueue } from '../adapters/bull-queue.js';
import { moveDateAhead } from './move-date-ahead.js';
import { workUntilTerminated } from './worker-program.js';

const [, , url = '', aheadMs = '0'] = process.argv;

moveDateAhead(Number(aheadMs));
void workUntilTerminated(new BullQueue(new BullOnRedis(new URL(url)), silentLog));
