import { pinoLog } from '../adapters/pino-log.js';

/** Writes as many lines as it is told to, and tells by its channel when it has gone on; ends when the channel is closed. */
const log = pinoLog({ level: 'info', service: 'test' });
process.on('message', (lines: number) => {
  for (let line = 0; line < lines; line += 1) log.info('a line', { line });
  if (process.connected) process.send?.('gone on', undefined, {}, () => undefined); // or nobody listens any more
});
process.on('disconnect', () => process.exit(0));
process.send?.('ready');
