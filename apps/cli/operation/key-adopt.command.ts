import { Command } from 'nest-commander';

import { ListSystems } from '#libs/entitlement/systems/list-systems.js';
import { CLOCK, type Clock } from '#libs/kernel/clock.js';
import { AppKeyCheck } from '#libs/persistence/app-key-check.js';

import { described, operator, ParcelerCommand } from '../parceler-command.js';

@Command(described('key:adopt'))
export class KeyAdoptCommand extends ParcelerCommand {
  async run(): Promise<void> {
    const check = await this.use(AppKeyCheck);
    if (!(await check.isOther())) {
      this.terminal.say('There is nothing to adopt: the database was used with this APP_KEY, or with none yet.');
      return;
    }
    await check.adopt((await this.use<Clock>(CLOCK)).now(), operator());
    this.terminal.say('The database goes on with this APP_KEY. Restart what still runs with another one.');
    const systems = (await (await this.use(ListSystems)).run()).filter(({ revokedAt }) => revokedAt === undefined);
    if (systems.length > 0) this.terminal.say('These systems get no answer until they have a new secret:');
    for (const { id, edition } of systems) this.terminal.say(`system:add ${id} --edition ${edition} --replace`);
  }
}
