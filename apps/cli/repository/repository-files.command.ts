import { Command } from 'nest-commander';

import { AppError } from '#libs/kernel/errors.js';
import { printable, repositoryName, type RepositoryName } from '#libs/kernel/ids.js';
import { DescribeRepositories, type RepositoryDescription } from '#libs/releases/describe-repositories.js';
import { nothingServed } from '#libs/releases/release-errors.js';
import { CATALOG } from '#libs/snapshots/catalog/catalog.js';
import { type ListedFile } from '#libs/snapshots/snapshot.js';
import { snapshotFolder, sourceOf } from '#libs/storage/layout.js';

import { described, ShowingCommand, type JsonOption } from '../parceler-command.js';
import { visibleJson, visibleLine } from '../visible.js';

@Command({
  ...described('repository:files'),
  arguments: '<name> [path]',
  argsDescription: { path: 'only what stands below this folder; "." names the source and every snapshot instead' },
})
export class RepositoryFilesCommand extends ShowingCommand {
  async run([text = '', path]: string[], { json = false }: JsonOption): Promise<void> {
    const name = repositoryName(text);
    const [description] = await (await this.use(DescribeRepositories)).run(name);
    if (description === undefined) return;
    if (path === '.') this.showPlaces(description, json);
    else await this.showFiles(name, description, path?.replace(/\/+$/, ''), json);
  }

  private showPlaces({ repository, snapshots }: RepositoryDescription, json: boolean): void {
    const places = [sourceOf(repository.name), ...snapshots.map(({ id }) => snapshotFolder(repository.name, id))];
    if (json) this.terminal.json(places.map((path) => ({ path })));
    else for (const place of places) this.terminal.say(place);
  }

  private async showFiles(
    name: RepositoryName,
    { served }: RepositoryDescription,
    folder: string | undefined,
    json: boolean,
  ): Promise<void> {
    if (served === undefined) throw nothingServed(name);
    const catalog = await this.use(CATALOG);
    let shown = 0;
    for await (const file of catalog.files(name, served.snapshot.sequence, folder || undefined)) {
      await this.write(
        json ? `${shown === 0 ? '[' : ',\n '}${visibleJson(fileView(file))}` : `${visibleLine(file.path)}\n`,
      );
      shown += 1;
    }
    if (json) this.terminal.write(shown === 0 ? '[]\n' : ']\n');
    if (shown === 0 && folder) throw noSuchFolder(name, folder);
  }

  /** A million lines must not pile up in front of a slow reader. */
  private async write(text: string): Promise<void> {
    if (!this.terminal.write(text)) await this.terminal.drained();
  }
}

const fileView = ({ path, sha256, size, mtimeMs }: ListedFile) => ({
  path,
  sha256,
  size,
  modifiedAt: new Date(mtimeMs),
});

const noSuchFolder = (name: RepositoryName, folder: string): AppError =>
  new AppError('not-found', 'FOLDER_NOT_FOUND', `"${name}" serves nothing below "${printable(folder)}".`, {
    hint: `repository:files ${name} lists everything.`,
  });
