import { type DynamicModule, Module } from '@nestjs/common';

import { ChildProcessRunner } from './adapters/child-process-runner.js';
import { probeCapabilities } from './adapters/probe-capabilities.js';
import { COMMAND_RUNNER, type CommandRunner } from './run-command.js';

@Module({})
export class CommandsModule {
  static register(): DynamicModule {
    return {
      module: CommandsModule,
      providers: [{ provide: COMMAND_RUNNER, useFactory: probedWhenFirstUsed }],
      exports: [COMMAND_RUNNER],
    };
  }
}

/** Probing starts processes, and most programs that could run a command never do. */
function probedWhenFirstUsed(): CommandRunner {
  let runner: Promise<CommandRunner> | undefined;
  const probed = async () => new ChildProcessRunner(await probeCapabilities());
  return { run: async (request) => (await (runner ??= probed())).run(request) };
}
