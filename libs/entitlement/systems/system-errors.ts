import { AppError } from '#libs/kernel/errors.js';
import { printable, type SystemId } from '#libs/kernel/ids.js';

import { type Edition } from '../edition.js';

export const systemExists = (id: SystemId, edition: Edition): AppError =>
  new AppError(
    'conflict',
    'SYSTEM_EXISTS',
    `The system "${printable(id)}" is registered for the ${edition} edition already.`,
    {
      hint: 'system:add --replace gives it another secret, and ends the one it has.',
    },
  );

export const systemNotFound = (id: SystemId): AppError =>
  new AppError('not-found', 'SYSTEM_NOT_FOUND', `There is no system "${printable(id)}" in the register.`, {
    hint: 'system:list shows those there are.',
  });
