import { AuthGuard } from '@nestjs/passport';

import { AppError } from '#libs/kernel/errors.js';

/** Lets in who presents credentials in good form; the filter answers all others with the challenge. */
export class BasicGuard extends AuthGuard('basic') {
  override handleRequest<TUser>(error: unknown, user: TUser | false | null): TUser {
    if (error instanceof Error) throw error;
    if (!user) throw new AppError('unauthenticated', 'CREDENTIALS_REQUIRED', 'Present system id and secret.');
    return user;
  }
}
