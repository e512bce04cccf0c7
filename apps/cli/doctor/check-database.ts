import { AppKeyCheck } from '#libs/persistence/app-key-check.js';
import { DATABASE } from '#libs/persistence/database.js';

import { problem, type Check } from './finding.js';

export const checkDatabase: Check = async (use) => {
  const damage = await (await use(DATABASE)).findDamage();
  return damage === undefined ? [] : [problem('database', damage, 'Stop Parceler and put a backup back.')];
};

export const checkKey: Check = async (use) => {
  if (!(await (await use(AppKeyCheck)).isOther())) return [];
  return [
    problem(
      'APP_KEY',
      'It is not the one that the database was used with: no registered secret can be recognised.',
      'Put the old one back, or go on with this one: key:adopt.',
    ),
  ];
};
