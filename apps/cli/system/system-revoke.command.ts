import { Command } from 'nest-commander';

import { RevokeSystem } from '#libs/entitlement/systems/revoke-system.js';
import { systemId } from '#libs/kernel/ids.js';

import { described, operator, ParcelerCommand } from '../parceler-command.js';

@Command({ ...described('system:revoke'), arguments: '<id>' })
export class SystemRevokeCommand extends ParcelerCommand {
  async run([id = '']: string[]): Promise<void> {
    const revoked = await (await this.use(RevokeSystem)).run(systemId(id), operator());
    this.terminal.say(`Revoked ${id} (${revoked.map(({ edition }) => edition).join(', ')}).`);
  }
}
