import { Command, Option } from 'nest-commander';

import { BeginMaintenance } from '#libs/maintenance/begin-maintenance.js';
import { bypassWord, type BypassWord } from '#libs/maintenance/bypass-word.js';
import { maintenanceRedirect, maintenanceSeconds, maintenanceStatus } from '#libs/maintenance/maintenance-options.js';
import { type Maintenance } from '#libs/maintenance/maintenance.js';
import { AppKeyCheck } from '#libs/persistence/app-key-check.js';
import { RUN_STORE } from '#libs/syncing/runs/run-store.js';

import { described, operator, ParcelerCommand } from '../parceler-command.js';

interface Options {
  readonly secret?: BypassWord;
  readonly redirect?: string;
  readonly retry?: number;
  readonly refresh?: number;
  readonly status?: number;
}

@Command(described('down'))
export class DownCommand extends ParcelerCommand {
  async run(_: string[], { secret: word, retry: retryAfter, ...answer }: Options): Promise<void> {
    if (word !== undefined) await (await this.use(AppKeyCheck)).pass(); // else the api could not recognise the word
    const draft = { ...answer, ...(retryAfter !== undefined && { retryAfter }), ...(word !== undefined && { word }) };
    const maintenance = await (await this.use(BeginMaintenance)).run(draft, operator());
    for (const line of whatHappens(maintenance)) this.terminal.say(line);
    await this.sayWhatRuns();
    this.terminal.say('parceler up ends it.');
  }

  @Option({ flags: '--secret <word>', description: 'a word that lets in who knows it: GET /<word>, X-Parceler-Bypass' })
  secret(text: string): BypassWord {
    return bypassWord(text);
  }

  @Option({ flags: '--redirect <path|URL>', description: 'send clients there' })
  redirect(text: string): string {
    return maintenanceRedirect(text);
  }

  @Option({ flags: '--retry <seconds>', description: 'when clients are to ask again: Retry-After (at first 60)' })
  retry(text: string): number {
    return maintenanceSeconds('retry', text);
  }

  @Option({ flags: '--refresh <seconds>', description: 'when browsers ask again by themselves: Refresh' })
  refresh(text: string): number {
    return maintenanceSeconds('refresh', text);
  }

  @Option({ flags: '--status <code>', description: 'the status of every answer (at first 503)' })
  status(text: string): number {
    return maintenanceStatus(text);
  }

  private async sayWhatRuns(): Promise<void> {
    const running = await (await this.use(RUN_STORE)).list({ states: ['running'] });
    for (const { id, repository } of running) {
      this.terminal.say(`Run ${String(id)} of ${repository} is brought to its end.`);
    }
  }
}

function whatHappens({ status, retryAfter, refresh, redirect, word }: Maintenance): readonly string[] {
  const headers = [`Retry-After: ${String(retryAfter)}`, ...(refresh ? [`Refresh: ${String(refresh)}`] : [])];
  return [
    'Down for maintenance, within a second in every process. Schedules stand still, workers begin nothing new.',
    `Requests get ${String(status)} with ${headers.join(' and ')}.`,
    ...(redirect === undefined ? [] : [`${whoIsSent(redirect)} is sent to ${redirect} instead.`]),
    ...(word === undefined ? [] : ['Who asks for /<word>, or sends it as X-Parceler-Bypass, is let in.']),
  ];
}

/** Secrets are for nobody else. */
const whoIsSent = (redirect: string): string =>
  redirect.startsWith('/') ? 'Who reads' : 'Who reads, and has no credentials with him,';
