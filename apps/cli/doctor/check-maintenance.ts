import { MAINTENANCE_STORE } from '#libs/maintenance/maintenance-store.js';

import { instantText } from '../views.js';
import { warning, type Check } from './finding.js';

export const checkMaintenance: Check = async (use) => {
  const maintenance = await (await use(MAINTENANCE_STORE)).find();
  if (maintenance === undefined) return [];
  const { status, since } = maintenance;
  const what = `Down since ${instantText(since)}: requests get ${String(status)}, nothing new is begun.`;
  return [warning('maintenance', what, 'parceler up ends it.')];
};
