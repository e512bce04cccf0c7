import { Command } from 'nest-commander';

import { ListSystems, type ListedSystem } from '#libs/entitlement/systems/list-systems.js';

import { described, ShowingCommand, type JsonOption } from '../parceler-command.js';
import { type Columns } from '../terminal.js';
import { instantText } from '../views.js';

@Command(described('system:list'))
export class SystemListCommand extends ShowingCommand {
  async run(_: string[], { json = false }: JsonOption): Promise<void> {
    const views = (await (await this.use(ListSystems)).run()).map(systemView);
    this.terminal.list(views, COLUMNS, { json, empty: 'No systems yet: system:add registers one.' });
  }
}

const systemView = ({ id, edition, state, validUntil, revokedAt, createdAt }: ListedSystem) => ({
  id,
  edition,
  state,
  validUntil: validUntil ?? null,
  revokedAt: revokedAt ?? null,
  createdAt,
});

const COLUMNS: Columns<ReturnType<typeof systemView>> = {
  SYSTEM: ({ id }) => id,
  EDITION: ({ edition }) => edition,
  STATE: ({ state }) => state,
  'VALID UNTIL': ({ validUntil }) => instantText(validUntil),
  ADDED: ({ createdAt }) => instantText(createdAt),
};
