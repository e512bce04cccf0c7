import { Command, Option } from 'nest-commander';

import { counted } from '#libs/kernel/counted.js';
import { RebuildRepositories, type RebuiltRepository } from '#libs/syncing/upkeep/rebuild-repositories.js';

import { EXIT_FAILED_OUTCOME } from '../exit-codes.js';
import { diagnose } from './diagnosis.js';
import { type Finding } from './finding.js';
import { described, operator, ShowingCommand, type JsonOption } from '../parceler-command.js';
import { type Columns } from '../terminal.js';

interface Options extends JsonOption {
  readonly rebuild?: boolean;
}

@Command(described('doctor'))
export class DoctorCommand extends ShowingCommand {
  async run(_: string[], { json = false, rebuild = false }: Options): Promise<void> {
    if (rebuild) await this.rebuildIndex();
    const findings = await diagnose((token) => this.use(token));
    this.terminal.list(findings, COLUMNS, { json, empty: 'Nothing wrong was found.' });
    if (findings.some(({ severity }) => severity === 'problem')) this.context.exitCode = EXIT_FAILED_OUTCOME;
  }

  @Option({ flags: '--rebuild', description: 'first make the index of snapshots anew from the manifests on the disk' })
  rebuild(): boolean {
    return true;
  }

  private async rebuildIndex(): Promise<void> {
    const rebuildRepositories = await this.use(RebuildRepositories);
    for await (const rebuilt of rebuildRepositories.run(operator())) {
      const { repository, busy, lost } = rebuilt;
      if (busy) this.terminal.warn(`${repository} is being synced; its index is as it was. Try again after that.`);
      else this.terminal.note(`${repository}: ${summaryOf(rebuilt)}`);
      for (const id of lost) this.terminal.warn(`${repository}: snapshot ${id} is no more, it has no sound manifest`);
      if (busy || lost.length > 0) this.context.exitCode = EXIT_FAILED_OUTCOME;
    }
  }
}

const summaryOf = ({ snapshots, found }: RebuiltRepository): string =>
  `indexed ${counted(snapshots.length, 'snapshot')} anew${found.length === 0 ? '' : `, ${String(found.length)} of them not known before`}`;

const COLUMNS: Columns<Finding> = {
  '': ({ severity }) => severity,
  ABOUT: ({ about }) => about,
  FINDING: ({ finding }) => finding,
  'WAY OUT': ({ wayOut }) => wayOut,
};
