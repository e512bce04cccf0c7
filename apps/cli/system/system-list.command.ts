import { Command } from 'nest-commander';

import { ListSystems } from '#libs/entitlement/systems/list-systems.js';
import { type System } from '#libs/entitlement/systems/system-store.js';
import { CLOCK, type Clock } from '#libs/kernel/clock.js';

import { described, ShowingCommand, type JsonOption } from '../parceler-command.js';
import { type Columns } from '../terminal.js';
import { instantText } from '../views.js';

@Command(described('system:list'))
export class SystemListCommand extends ShowingCommand {
  async run(_: string[], { json = false }: JsonOption): Promise<void> {
    const now = (await this.use<Clock>(CLOCK)).now();
    const views = (await (await this.use(ListSystems)).run()).map((system) => systemView(system, now));
    this.terminal.list(views, COLUMNS, { json, empty: 'No systems yet: system:add registers one.' });
  }
}

const systemView = (system: System, now: Date) => ({
  id: system.id,
  edition: system.edition,
  state: stateAt(system, now),
  validUntil: system.validUntil ?? null,
  revokedAt: system.revokedAt ?? null,
  createdAt: system.createdAt,
});

function stateAt({ revokedAt, validUntil }: System, now: Date): 'good' | 'revoked' | 'expired' {
  if (revokedAt !== undefined) return 'revoked';
  return validUntil !== undefined && validUntil <= now ? 'expired' : 'good';
}

const COLUMNS: Columns<ReturnType<typeof systemView>> = {
  SYSTEM: ({ id }) => id,
  EDITION: ({ edition }) => edition,
  STATE: ({ state }) => state,
  'VALID UNTIL': ({ validUntil }) => instantText(validUntil),
  ADDED: ({ createdAt }) => instantText(createdAt),
};
