import { AuthGuard } from '@nestjs/passport';

import { AppError } from '#libs/kernel/errors.js';

/** Lets in who presents the token; the filter answers all others with the challenge. */
export class BearerGuard extends AuthGuard('bearer') {
  override handleRequest<TUser>(error: unknown, user: TUser | false | null): TUser {
    if (error instanceof Error) throw error;
    if (!user) throw new AppError('unauthenticated', 'TOKEN_REQUIRED', 'Present the token for milestone releases.');
    return user;
  }
}
