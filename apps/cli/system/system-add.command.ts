import { Command, Option } from 'nest-commander';

import { AddSystem } from '#libs/entitlement/systems/add-system.js';
import { edition, type Edition } from '#libs/entitlement/edition.js';
import { systemId } from '#libs/kernel/ids.js';
import { AppKeyCheck } from '#libs/persistence/app-key-check.js';

import { instant } from '../instant-option.js';
import { described, operator, ParcelerCommand } from '../parceler-command.js';
import { lineFromStandardInput } from '../standard-input.js';

interface Options {
  readonly edition: Edition;
  readonly secretStdin?: boolean;
  readonly validUntil?: Date;
  readonly replace?: boolean;
}

@Command({ ...described('system:add'), arguments: '<id>' })
export class SystemAddCommand extends ParcelerCommand {
  async run(
    [id = '']: string[],
    { edition, secretStdin = false, validUntil, replace = false }: Options,
  ): Promise<void> {
    if (secretStdin && process.stdin.isTTY) this.terminal.note('Type the secret and press Enter; it is seen.');
    const secret = secretStdin ? await lineFromStandardInput('secret') : undefined;
    const system = { id: systemId(id), edition, secret, validUntil, replace };
    await (await this.use(AppKeyCheck)).pass(); // the api could not recognise what is hashed with another key
    const added = await (await this.use(AddSystem)).run(system, operator());
    this.terminal.say(`Registered ${added.system.id} for the ${edition} edition.`);
    if (added.secret === undefined) return;
    this.terminal.say('Its secret, shown this once:');
    this.terminal.say(added.secret);
  }

  @Option({ flags: '--edition <edition>', description: 'community or enterprise', required: true })
  edition(text: string): Edition {
    return edition(text);
  }

  @Option({ flags: '--secret-stdin', description: 'read the secret from standard input instead of making one' })
  secretStdin(): boolean {
    return true;
  }

  @Option({ flags: '--valid-until <time>', description: 'refuse it from this date or time on' })
  validUntil(text: string): Date {
    return instant(text);
  }

  @Option({
    flags: '--replace',
    description: 'give a system that is registered and not revoked another secret; keep its --valid-until',
  })
  replace(): boolean {
    return true;
  }
}
