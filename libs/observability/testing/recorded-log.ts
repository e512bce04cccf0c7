import { type Log, type LogFields } from '../log.js';

export interface RecordedLine {
  readonly level: string;
  readonly message: string;
  readonly fields: LogFields;
}

/** A log that keeps its lines, as they were given. */
export class RecordedLog implements Log {
  constructor(
    readonly lines: RecordedLine[] = [],
    private readonly always: LogFields = {},
  ) {}

  readonly debug = this.at('debug');
  readonly info = this.at('info');
  readonly warn = this.at('warn');
  readonly error = this.at('error');

  with(fields: LogFields): Log {
    return new RecordedLog(this.lines, { ...this.always, ...fields });
  }

  /** The fields of the lines with that message. */
  of(message: string): readonly LogFields[] {
    return this.lines.filter((line) => line.message === message).map(({ fields }) => fields);
  }

  private at(level: string) {
    return (message: string, fields: LogFields = {}): void => {
      this.lines.push({ level, message, fields: { ...this.always, ...fields } });
    };
  }
}
