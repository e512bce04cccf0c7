import { Command } from 'nest-commander';

import { ForgetSystem } from '#libs/entitlement/systems/forget-system.js';
import { ListSystems } from '#libs/entitlement/systems/list-systems.js';
import { systemId } from '#libs/kernel/ids.js';
import { AppKeyCheck } from '#libs/persistence/app-key-check.js';

import { described, operator, ParcelerCommand } from '../parceler-command.js';

@Command({ ...described('system:forget'), arguments: '<id>' })
export class SystemForgetCommand extends ParcelerCommand {
  async run([id = '']: string[]): Promise<void> {
    const system = systemId(id);
    await (await this.use(AppKeyCheck)).pass(); // with another key nothing would be found
    const forgotten = await (await this.use(ForgetSystem)).run(system, operator());
    if (forgotten > 0) {
      this.terminal.say(`Forgot what was remembered of ${system}; its next request asks the licence authority.`);
    } else {
      const registered = (await (await this.use(ListSystems)).run()).some((known) => known.id === system);
      this.terminal.say(
        `Nothing was remembered of ${system}${registered ? '' : ', and the register has no such system'}.`,
      );
    }
  }
}
