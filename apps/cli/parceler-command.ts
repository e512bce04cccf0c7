import { userInfo } from 'node:os';

import { CommandRunner } from 'nest-commander';

import { actor, type Act } from '#libs/kernel/actor.js';

import { SUMMARIES, type CommandName } from './summaries.js';

/** What all commands share: usage mistakes are thrown, not printed by the library, so that every error looks the same. */
export abstract class ParcelerCommand extends CommandRunner {
  override setCommand(command: Parameters<CommandRunner['setCommand']>[0]): this {
    command.exitOverride().configureOutput({ writeErr: () => undefined });
    return super.setCommand(command);
  }
}

/** Who acts when somebody types a command. */
export const operator = (reason?: string): Act => ({ actor: actor('cli', userInfo().username), reason });

/** The decorator's facts that every command has. */
export const described = (name: CommandName): { name: CommandName; description: string } => ({
  name,
  description: SUMMARIES[name],
});
