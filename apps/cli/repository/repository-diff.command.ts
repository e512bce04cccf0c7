import { Command } from 'nest-commander';

import { repositoryName } from '#libs/kernel/ids.js';
import { DiffSnapshots } from '#libs/releases/diff-snapshots.js';
import { type SnapshotChange } from '#libs/releases/snapshot-changes.js';

import { described, ShowingCommand, type JsonOption } from '../parceler-command.js';
import { streamList, type Streamed } from '../stream-list.js';

@Command({
  ...described('repository:diff'),
  arguments: '<name> <from> [to]',
  argsDescription: {
    from: 'a snapshot, or "served" for the one that clients get now, or "newest"',
    to: 'the same; the newest one when not given',
  },
})
export class RepositoryDiffCommand extends ShowingCommand {
  async run([name = '', from = '', to = 'newest']: string[], { json }: JsonOption): Promise<void> {
    const diff = await (await this.use(DiffSnapshots)).run({ name: repositoryName(name), from, to });
    for (const { reason } of diff.unread) {
      this.terminal.warn(`what this index names is unknown, its packages come as files: ${reason}`);
    }
    const count = await streamList(this.terminal, streamed(diff.changes), { json: json === true });
    if (count === 0)
      this.terminal.note(
        `${diff.from.id} and ${diff.to.id} have the same packages, and the same files besides indexes.`,
      );
  }
}

async function* streamed(changes: AsyncIterable<SnapshotChange>): AsyncGenerator<Streamed> {
  for await (const change of changes) yield 'path' in change ? fileRow(change) : packageRow(change);
}

const fileRow = ({ kind, path }: Extract<SnapshotChange, { path: string }>): Streamed => ({
  columns: [kind, path],
  view: { change: kind, package: null, arch: null, from: null, to: null, path, indexes: [] },
});

const packageRow = ({ kind, name, arch, from, to, indexes }: Exclude<SnapshotChange, { path: string }>): Streamed => ({
  columns: [kind, name, arch || '-', from ?? '-', to ?? '-'],
  view: { change: kind, package: name, arch, from: from ?? null, to: to ?? null, path: null, indexes },
});
