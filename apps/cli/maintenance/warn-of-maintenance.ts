import { MAINTENANCE_STORE } from '#libs/maintenance/maintenance-store.js';

import { type CommandContext } from '../parceler-command.js';
import { instantText } from '../views.js';

/** Where somebody would wonder why nothing happens. False when there is no maintenance. */
export async function warnOfMaintenance({ parts, terminal }: Omit<CommandContext, 'exitCode'>): Promise<boolean> {
  const maintenance = await (await parts.get(MAINTENANCE_STORE)).find();
  if (maintenance === undefined) return false;
  const since = instantText(maintenance.since);
  terminal.warn(`down for maintenance since ${since}: nothing is begun before parceler up, but by queue:work --force`);
  return true;
}
