import { type RepositoryName } from '#libs/kernel/ids.js';
import { DescribeRepositories } from '#libs/releases/describe-repositories.js';

import { type CommandContext } from './parceler-command.js';
import { instantText, servedText } from './views.js';

/** Said after whatever may have changed what clients get: which snapshot that is now, why, and until when. */
export async function sayServedNow(name: RepositoryName, { parts, terminal }: CommandContext): Promise<void> {
  for (const { served, nextChange } of await (await parts.get(DescribeRepositories)).run(name)) {
    if (served === undefined) {
      terminal.say('Nothing is served now.');
      return;
    }
    const { snapshot, reason, stale } = served;
    const end = nextChange === undefined ? '' : `, until ${instantText(nextChange)}`;
    terminal.say(`Served now: ${servedText({ snapshot: snapshot.id, reason, stale })}${end}.`);
  }
}
