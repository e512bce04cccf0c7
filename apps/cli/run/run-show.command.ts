import { Command } from 'nest-commander';

import { CLOCK } from '#libs/kernel/clock.js';
import { getRun } from '#libs/syncing/runs/get-run.js';
import { RUN_STORE } from '#libs/syncing/runs/run-store.js';

import { described, ShowingCommand, type JsonOption } from '../parceler-command.js';
import { runId } from './run-id.js';
import { durationText, instantText, runView, type RunView } from '../views.js';

@Command({ ...described('run:show'), arguments: '<run>' })
export class RunShowCommand extends ShowingCommand {
  async run([id = '']: string[], { json = false }: JsonOption): Promise<void> {
    const now = (await this.use(CLOCK)).now();
    const view = runView(await getRun(await this.use(RUN_STORE), runId(id)), now);
    if (json) this.terminal.json(view);
    else this.terminal.facts(factsOf(view));
  }
}

const factsOf = (view: RunView): Readonly<Record<string, string>> => ({
  run: String(view.id),
  kind: view.kind,
  repository: view.repository,
  state: view.step === null || view.state !== 'running' ? view.state : `running: ${view.step}`,
  attempts: String(view.attempt),
  asked: `${instantText(view.requestedAt)} by ${view.requestedBy}`,
  started: instantText(view.startedAt),
  finished: instantText(view.finishedAt),
  took: durationText(view.durationSeconds),
  snapshot: view.snapshot ?? '',
  files: view.changes
    ? `${String(view.changes.added)} added, ${String(view.changes.changed)} changed, ${String(view.changes.removed)} removed`
    : '',
  error: view.error === null ? '' : `${view.error} (${view.errorCode ?? ''})`,
});
