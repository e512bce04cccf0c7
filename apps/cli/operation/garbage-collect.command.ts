import { Command, Option } from 'nest-commander';

import { counted } from '#libs/kernel/counted.js';
import { CollectGarbage, type Collected, type Garbage } from '#libs/snapshots/garbage/collect-garbage.js';

import { interruptible } from '../interruption.js';
import { described, operator, ShowingCommand, type JsonOption } from '../parceler-command.js';
import { bytesText } from '../views.js';

@Command(described('garbage:collect'))
export class GarbageCollectCommand extends ShowingCommand {
  async run(_: string[], { dryRun = false, json = false }: JsonOption & { dryRun?: boolean }): Promise<void> {
    const collectGarbage = await this.use(CollectGarbage);
    const garbage: Garbage[] = [];
    const onGarbage = (found: Garbage): void => {
      if (json) garbage.push(found);
      else if (dryRun)
        this.terminal.say(`${found.blob}  ${bytesText(found.bytes).padStart(10)}  ${WHY[found.verdict]}`);
    };
    const owner = operator().actor;
    const collected = await interruptible((signal) => collectGarbage.run({ dryRun, owner, signal, onGarbage }));
    if (json) this.terminal.json(garbage);
    else this.tell(collected, dryRun);
    for (const { because } of collected.unreadable) this.terminal.warn(`${because} What it needs was kept.`);
  }

  @Option({ flags: '--dry-run', description: 'change nothing; say of each unneeded blob what would become of it' })
  dryRun(): boolean {
    return true;
  }

  private tell({ needed, young, marked, removed, complete }: Collected, dryRun: boolean): void {
    const would = dryRun ? 'would be ' : '';
    this.terminal.facts({
      needed: amount(needed),
      'too young to judge': amount(young),
      [`${would}marked for the next time`]: amount(marked),
      [`${would}removed`]: amount(removed),
    });
    if (!complete) this.terminal.warn('a sync came in between; the rest is collected another time');
  }
}

const WHY: Readonly<Record<Garbage['verdict'], string>> = {
  young: 'stays: written or re-used within a day',
  marked: 'marked: no snapshot needs it',
  removed: 'removed: no snapshot needed it the last time either',
};

const amount = ({ blobs, bytes }: Collected['needed']): string => `${counted(blobs, 'blob')}, ${bytesText(bytes)}`;
