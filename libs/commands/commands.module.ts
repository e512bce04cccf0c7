import { type DynamicModule, Module } from '@nestjs/common';

import { ChildProcessRunner } from './adapters/child-process-runner.js';
import { probeCapabilities } from './adapters/probe-capabilities.js';
import { COMMAND_RUNNER } from './run-command.js';

@Module({})
export class CommandsModule {
  static register(): DynamicModule {
    return {
      module: CommandsModule,
      providers: [
        { provide: COMMAND_RUNNER, useFactory: async () => new ChildProcessRunner(await probeCapabilities()) },
      ],
      exports: [COMMAND_RUNNER],
    };
  }
}
