import { silentLog } from '#libs/observability/log.js';

import { EmbeddedQueue } from '../adapters/embedded-queue.js';
import { workUntilTerminated } from './worker-program.js';

const [, , file = '', aheadMs = '0'] = process.argv;
const clock = { now: () => new Date(Date.now() + Number(aheadMs)) };

void workUntilTerminated(new EmbeddedQueue(file, { clock, log: silentLog }));
