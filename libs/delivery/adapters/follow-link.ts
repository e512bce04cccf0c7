import { messageOf } from '#libs/kernel/errors.js';
import { SECOND } from '#libs/kernel/duration.js';

import { type FollowLink } from '../temporary-links.js';

const PATIENCE_MS = 10 * SECOND;

/** What it answers tells nothing of the link itself, which is as good as a secret. */
export const followLink: FollowLink = async (url) => {
  try {
    const answer = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(PATIENCE_MS) });
    await answer.arrayBuffer();
    return answer.ok ? undefined : `the server answered ${String(answer.status)}`;
  } catch (error) {
    return messageOf(error);
  }
};
