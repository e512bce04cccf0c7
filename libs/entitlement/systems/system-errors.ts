import { AppError } from '#libs/kernel/errors.js';
import { printable, type SystemId } from '#libs/kernel/ids.js';

import { type Edition } from '../edition.js';
import { type System } from './system-store.js';

const systemExists = (id: SystemId, edition: Edition): AppError =>
  new AppError(
    'conflict',
    'SYSTEM_EXISTS',
    `The system "${printable(id)}" is registered for the ${edition} edition already.`,
    {
      hint: 'system:add --replace gives it another secret, and ends the one it has.',
    },
  );

const systemRevoked = (id: SystemId, edition: Edition): AppError =>
  new AppError('conflict', 'SYSTEM_REVOKED', `The system "${printable(id)}" is revoked in the ${edition} edition.`, {
    hint: 'system:add without --replace registers it again.',
  });

export const systemNotFound = (id: SystemId, edition?: Edition): AppError =>
  new AppError(
    'not-found',
    'SYSTEM_NOT_FOUND',
    `There is no system "${printable(id)}" in the register${edition === undefined ? '' : ` for the ${edition} edition`}.`,
    { hint: 'system:list shows those there are.' },
  );

/** What stands in the way of a new entry. */
export function assertMayAdd(
  { id, edition }: Pick<System, 'id' | 'edition'>,
  before: Pick<System, 'revokedAt'> | undefined,
  replace: boolean,
): void {
  const counts = before !== undefined && before.revokedAt === undefined;
  if (!replace && counts) throw systemExists(id, edition);
  if (replace && before === undefined) throw systemNotFound(id, edition);
  if (replace && !counts) throw systemRevoked(id, edition);
}
