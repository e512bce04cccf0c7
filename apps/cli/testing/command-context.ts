import { PassThrough } from 'node:stream';

import { type InjectionToken } from '@nestjs/common';

import { MAINTENANCE_STORE } from '#libs/maintenance/maintenance-store.js';

import { type CommandContext } from '../parceler-command.js';
import { Terminal } from '../terminal.js';

/** What a command stands in, with these use cases and stores, and what it printed. */
export function commandContext(things: ReadonlyMap<InjectionToken, unknown>) {
  const [out, err] = [new PassThrough({ encoding: 'utf8' }), new PassThrough({ encoding: 'utf8' })];
  const context: CommandContext = {
    parts: {
      environment: nowhere,
      config: nowhere,
      get: async <T>(token: InjectionToken<T>) => {
        if (token === MAINTENANCE_STORE && !things.has(token)) return { find: async () => undefined } as T;
        if (!things.has(token)) throw new Error(`nobody provides ${String(token)}`);
        return things.get(token) as T;
      },
    },
    terminal: new Terminal(out as unknown as NodeJS.WriteStream, err as unknown as NodeJS.WriteStream),
    exitCode: 0,
  };
  const text = (stream: PassThrough): string => String(stream.read() ?? '');
  return { context, stdout: () => text(out), stderr: () => text(err) };
}

const nowhere = (): never => {
  throw new Error('this command is run without an environment');
};
