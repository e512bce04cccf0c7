import { token } from '#libs/kernel/provider.js';

export type LogFields = Readonly<Record<string, unknown>>;

/**
 * Structured log. Messages are constant lower-case strings, facts are fields, and a secret is never a field
 * (the sink redacts what slips through all the same).
 */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  with(fields: LogFields): Log;
}

export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  with: () => silentLog,
};

export const LOG = token<Log>('Log');
