import pino, { type DestinationStream, type Logger } from 'pino';

import { type Log, type LogFields } from '../log.js';
import { redactedFields } from '../redact.js';
import { StandardOutput } from './standard-output.js';

export interface PinoLogOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** Which program writes: stands in every line. */
  readonly service: string;
}

/** JSON lines: instant (UTC), level, service, message, and the fields that were given. */
export function pinoLog({ level, service }: PinoLogOptions, destination?: DestinationStream): Log {
  const logger: Logger = pino(
    {
      level,
      base: { service },
      messageKey: 'message',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: redactedFields },
    },
    destination ?? new StandardOutput((lines) => logger.warn({ lines }, 'log lines were lost: nobody took them')),
  );
  return new PinoLog(logger);
}

class PinoLog implements Log {
  constructor(private readonly logger: Logger) {}

  debug(message: string, fields: LogFields = {}): void {
    this.logger.debug(fields, message);
  }

  info(message: string, fields: LogFields = {}): void {
    this.logger.info(fields, message);
  }

  warn(message: string, fields: LogFields = {}): void {
    this.logger.warn(fields, message);
  }

  error(message: string, fields: LogFields = {}): void {
    this.logger.error(fields, message);
  }

  with(fields: LogFields): Log {
    return new PinoLog(this.logger.child(redactedFields(fields)));
  }
}
