import { userInfo } from 'node:os';

import { Inject } from '@nestjs/common';
import { CommandRunner, Option } from 'nest-commander';

import { actor, type Act } from '#libs/kernel/actor.js';
import { type Name, type Thing } from '#libs/kernel/provider.js';

import { type Parts } from './parts.js';
import { SUMMARIES, type CommandName } from './summaries.js';
import { type Terminal } from './terminal.js';

export interface CommandContext {
  readonly parts: Pick<Parts, 'environment' | 'config' | 'get'>;
  readonly terminal: Terminal;
  /** How a command ends that did its own work well: 0, unless what it looked at was not well. */
  exitCode: number;
}

export const COMMAND_CONTEXT = Symbol('CommandContext');

/** What all commands share. Usage mistakes are thrown, not printed by the library, so that every error looks the same. */
export abstract class ParcelerCommand extends CommandRunner {
  constructor(@Inject(COMMAND_CONTEXT) protected readonly context: CommandContext) {
    super();
  }

  override setCommand(command: Parameters<CommandRunner['setCommand']>[0]): this {
    command
      .exitOverride()
      .allowExcessArguments(false)
      .configureOutput({ writeErr: () => undefined });
    return super.setCommand(command);
  }

  protected get terminal(): Terminal {
    return this.context.terminal;
  }

  /** A use case or store; the first one asked for opens the database. */
  protected use<const N extends Name<unknown>>(name: N): Promise<Thing<N>> {
    return this.context.parts.get(name);
  }
}

export interface JsonOption {
  readonly json?: boolean;
}

/** A command that shows something, and can show it to programs. */
export abstract class ShowingCommand extends ParcelerCommand {
  @Option({ flags: '--json', description: 'print JSON instead of text' })
  json(): boolean {
    return true;
  }
}

/** Who acts when somebody types a command. */
export const operator = (reason?: string): Act => ({ actor: actor('cli', userInfo().username), reason });

/** The decorator's facts that every command has. */
export const described = (name: CommandName): { name: CommandName; description: string } => ({
  name,
  description: SUMMARIES[name],
});
