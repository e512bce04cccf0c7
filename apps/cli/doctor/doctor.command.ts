import { Command } from 'nest-commander';

import { EXIT_FAILED_OUTCOME } from '../exit-codes.js';
import { diagnose } from './diagnosis.js';
import { type Finding } from './finding.js';
import { described, ShowingCommand, type JsonOption } from '../parceler-command.js';
import { type Columns } from '../terminal.js';

@Command(described('doctor'))
export class DoctorCommand extends ShowingCommand {
  async run(_: string[], { json = false }: JsonOption): Promise<void> {
    const findings = await diagnose((token) => this.use(token));
    this.terminal.list(findings, COLUMNS, { json, empty: 'Nothing wrong was found.' });
    if (findings.some(({ severity }) => severity === 'problem')) this.context.exitCode = EXIT_FAILED_OUTCOME;
  }
}

const COLUMNS: Columns<Finding> = {
  '': ({ severity }) => severity,
  ABOUT: ({ about }) => about,
  FINDING: ({ finding }) => finding,
  'WAY OUT': ({ wayOut }) => wayOut,
};
