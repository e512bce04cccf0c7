import { Command } from 'nest-commander';

import { AppError } from '#libs/kernel/errors.js';
import { printable, repositoryName, type RepositoryName } from '#libs/kernel/ids.js';
import { DescribeRepositories, type RepositoryDescription } from '#libs/releases/describe-repositories.js';
import { nothingServed } from '#libs/releases/release-errors.js';
import { CATALOG } from '#libs/snapshots/catalog/catalog.js';
import { type ListedFile } from '#libs/snapshots/snapshot.js';
import { snapshotFolder, sourceOf } from '#libs/storage/layout.js';

import { described, ShowingCommand, type JsonOption } from '../parceler-command.js';
import { streamList, type Streamed } from '../stream-list.js';

@Command({
  ...described('repository:files'),
  arguments: '<name> [path]',
  argsDescription: {
    path: 'only this file, or what stands below this folder; "." names the source and every snapshot instead',
  },
})
export class RepositoryFilesCommand extends ShowingCommand {
  async run([text = '', path]: string[], { json = false }: JsonOption): Promise<void> {
    const name = repositoryName(text);
    const [description] = await (await this.use(DescribeRepositories)).run(name);
    if (description === undefined) return;
    if (path === '.') this.showPlaces(description, json);
    else await this.showFiles(name, description, path?.replace(/^\/+|\/+$/g, ''), json);
  }

  private showPlaces({ repository, snapshots }: RepositoryDescription, json: boolean): void {
    const places = [sourceOf(repository.name), ...snapshots.map(({ id }) => snapshotFolder(repository.name, id))];
    if (json) this.terminal.json(places.map((path) => ({ path })));
    else for (const place of places) this.terminal.say(place);
  }

  private async showFiles(
    name: RepositoryName,
    { served }: RepositoryDescription,
    path: string | undefined,
    json: boolean,
  ): Promise<void> {
    if (served === undefined) throw nothingServed(name);
    const shown = await streamList(this.terminal, this.files(name, served.snapshot.sequence, path), { json });
    if (shown === 0 && path) throw nothingThere(name, path);
  }

  private async *files(name: RepositoryName, sequence: number, path = ''): AsyncIterable<Streamed> {
    const catalog = await this.use(CATALOG);
    const file = path === '' ? undefined : await catalog.find(name, sequence, path);
    if (file !== undefined) yield streamed(file);
    else for await (const each of catalog.files(name, sequence, path || undefined)) yield streamed(each);
  }
}

const streamed = ({ path, sha256, size, mtimeMs }: ListedFile): Streamed => ({
  columns: [path],
  view: { path, sha256, size, modifiedAt: new Date(mtimeMs) },
});

const nothingThere = (name: RepositoryName, path: string): AppError =>
  new AppError(
    'not-found',
    'PATH_NOT_SERVED',
    `"${name}" serves neither a file "${printable(path)}" nor one below it.`,
    {
      hint: `repository:files ${name} lists everything.`,
    },
  );
