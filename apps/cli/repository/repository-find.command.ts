import { Command, Option } from 'nest-commander';

import { CLOCK } from '#libs/kernel/clock.js';
import { counted } from '#libs/kernel/counted.js';
import { AppError } from '#libs/kernel/errors.js';
import { printable, repositoryName, type RepositoryName } from '#libs/kernel/ids.js';
import {
  FindPackages,
  type FoundPackage,
  type PackagesSought,
  type RepositoryFinds,
} from '#libs/releases/find-packages.js';
import { type TimelinePeriod } from '#libs/snapshots/serving-timeline.js';

import { described, ShowingCommand, type JsonOption } from '../parceler-command.js';
import { streamList, type Streamed } from '../stream-list.js';

interface Options extends JsonOption {
  readonly version?: string;
  readonly repository?: RepositoryName;
}

@Command({
  ...described('repository:find'),
  arguments: '<package>',
  argsDescription: { package: 'its name, in which * stands for any characters and ? for one' },
})
export class RepositoryFindCommand extends ShowingCommand {
  async run([name = '']: string[], { version, repository, json }: Options): Promise<void> {
    const sought = { name, version, repository };
    const finds = (await this.use(FindPackages)).run(sought);
    const now = (await this.use(CLOCK)).now();
    if ((await streamList(this.terminal, this.found(finds, now), { json: json === true })) === 0)
      throw notFound(sought);
  }

  @Option({ flags: '--version <version>', description: 'only this version, written as the index writes it' })
  version(text: string): string {
    return text;
  }

  @Option({ flags: '--repository <name>', description: 'only in this repository' })
  repository(text: string): RepositoryName {
    return repositoryName(text);
  }

  private async *found(finds: AsyncIterable<RepositoryFinds>, now: Date): AsyncGenerator<Streamed> {
    for await (const { repository, packages, unread } of finds) {
      for (const { reason, snapshots } of unread) {
        const where = `${counted(snapshots.length, 'snapshot')} of "${repository}"`;
        this.terminal.warn(`an index is unknown in ${where} (${snapshots.map(({ id }) => id).join(', ')}): ${reason}`);
      }
      for await (const found of packages) yield row(found, now);
    }
  }
}

function row({ repository, snapshot, name, version, arch, path, served }: FoundPackage, now: Date): Streamed {
  const when = whenServed(served, now);
  const periods = served.map(({ from, until }) => ({ from, until: until ?? null }));
  const shown = periods.map(({ from, until }) => `${toSecond(from)}/${until === null ? '..' : toSecond(until)}`);
  return {
    columns: [repository, snapshot.id, name, version, arch || '-', snapshot.state, when, shown.join(',') || '-'],
    view: {
      repository,
      snapshot: snapshot.id,
      state: snapshot.state,
      package: name,
      version,
      arch,
      path: path ?? null,
      when,
      served: periods,
    },
  };
}

/** Of several times the one that matters most. */
function whenServed(periods: readonly TimelinePeriod[], now: Date): 'now' | 'later' | 'before' | 'never' {
  if (periods.some(({ from, until }) => from <= now && (until === undefined || now < until))) return 'now';
  if (periods.some(({ from }) => from > now)) return 'later';
  return periods.length > 0 ? 'before' : 'never';
}

const toSecond = (at: Date): string => at.toISOString().replace(/\.\d+/, '');

const notFound = ({ name, version, repository }: PackagesSought): AppError =>
  new AppError(
    'not-found',
    'PACKAGE_NOT_FOUND',
    `No snapshot${repository === undefined ? '' : ` of "${repository}"`} has a package ${printable(name)}${version === undefined ? '' : ` of version ${printable(version)}`}.`,
    {
      hint: 'Names and versions are those of the indexes; repository:find with a name in which * stands for any characters finds similar ones.',
    },
  );
