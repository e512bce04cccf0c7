import { Command } from 'nest-commander';

import { CLOCK, type Clock } from '#libs/kernel/clock.js';
import { SYSTEM_STORE, type System, type SystemStore } from '#libs/entitlement/system-store.js';

import { described, ShowingCommand, type JsonOption } from './parceler-command.js';
import { type Columns } from './terminal.js';
import { instantText } from './views.js';

@Command(described('system:list'))
export class SystemListCommand extends ShowingCommand {
  async run(_: string[], { json = false }: JsonOption): Promise<void> {
    const now = (await this.use<Clock>(CLOCK)).now();
    const systems = await (await this.use<SystemStore>(SYSTEM_STORE)).list();
    const views = systems.map((system) => systemView(system, now));
    this.terminal.list(views, COLUMNS, { json, empty: 'No systems yet: system:add registers one.' });
  }
}

const systemView = ({ id, edition, validUntil, revokedAt, createdAt }: System, now: Date) => ({
  id,
  edition,
  state: revokedAt ? 'revoked' : validUntil && validUntil <= now ? 'expired' : 'good',
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
