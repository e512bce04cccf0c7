import { resolve } from 'node:path';

import { Command, Option } from 'nest-commander';

import { ImportParceler, type Imported } from '#libs/importing/import-parceler.js';
import { type Step } from '#libs/importing/import-repository.js';
import { AppError } from '#libs/kernel/errors.js';

import { EXIT_FAILED_OUTCOME } from '../exit-codes.js';
import { interruptible } from '../interruption.js';
import { described, operator, ParcelerCommand } from '../parceler-command.js';

@Command({
  ...described('import:parceler'),
  arguments: '<sqlite> <storage>',
  argsDescription: { sqlite: 'its database', storage: 'the folder with its "source" and "snapshots"' },
})
export class ImportParcelerCommand extends ParcelerCommand {
  async run([database = '', storage = '']: string[], { dryRun = false }: { dryRun?: boolean }): Promise<void> {
    if (database === '' || storage === '') throw new AppError('invalid', 'USAGE', 'A file or folder has no name.');
    const importParceler = await this.use(ImportParceler);
    const tell = (step: Step): void => {
      this.tell(step, dryRun);
    };
    const paths = { database: resolve(database), storage: resolve(storage) };
    const imported = await interruptible((signal) =>
      importParceler.run({ ...paths, dryRun, act: operator(), signal, tell }),
    );
    this.sum(imported, dryRun);
    if (imported.failed > 0) this.context.exitCode = EXIT_FAILED_OUTCOME;
  }

  @Option({ flags: '--dry-run', description: 'change nothing; say what would be done' })
  dryRun(): boolean {
    return true;
  }

  private tell({ outcome, repository, what }: Step, dryRun: boolean): void {
    if (outcome === 'failed') this.terminal.warn(`${repository}: ${what}`);
    else this.terminal.say(`${repository}: ${outcome === 'left' ? 'left: ' : dryRun ? 'would have ' : ''}${what}`);
  }

  private sum({ did, left, failed }: Imported, dryRun: boolean): void {
    const done = dryRun ? 'to be done' : 'done';
    this.terminal.say(`${String(did)} ${done}, ${String(left)} left, ${String(failed)} failed.`);
    if (failed > 0) this.terminal.say('Import again once what failed is put right; what is done stays as it is.');
  }
}
