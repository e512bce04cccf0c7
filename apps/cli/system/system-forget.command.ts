import { Command } from 'nest-commander';

import { ForgetSystem } from '#libs/entitlement/systems/forget-system.js';
import { systemId } from '#libs/kernel/ids.js';
import { AppKeyCheck } from '#libs/persistence/app-key-check.js';

import { described, operator, ParcelerCommand } from '../parceler-command.js';

@Command({ ...described('system:forget'), arguments: '<id>' })
export class SystemForgetCommand extends ParcelerCommand {
  async run([id = '']: string[]): Promise<void> {
    await (await this.use(AppKeyCheck)).pass(); // with another key nothing would be found
    await (await this.use(ForgetSystem)).run(systemId(id), operator());
    this.terminal.say(`Forgot what was remembered of ${id}; its next request asks the licence authority.`);
  }
}
