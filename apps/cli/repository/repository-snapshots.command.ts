import { Command, Option } from 'nest-commander';

import { DAY } from '#libs/kernel/duration.js';
import { CLOCK } from '#libs/kernel/clock.js';
import { repositoryName } from '#libs/kernel/ids.js';
import { DescribeRepositories, type RepositoryDescription } from '#libs/releases/describe-repositories.js';
import { releaseCalendar } from '#libs/snapshots/release-calendar.js';
import { type Snapshot } from '#libs/snapshots/snapshot.js';

import { described, ShowingCommand, type JsonOption } from '../parceler-command.js';
import { type Columns } from '../terminal.js';
import { ageText, bytesText, instantText } from '../views.js';

const CALENDAR_DAYS = 90;

@Command({ ...described('repository:snapshots'), arguments: '<name>' })
export class RepositorySnapshotsCommand extends ShowingCommand {
  async run([name = '']: string[], { json = false, all = false }: JsonOption & { all?: boolean }): Promise<void> {
    const now = (await this.use(CLOCK)).now();
    const [description] = await (await this.use(DescribeRepositories)).run(repositoryName(name));
    if (description === undefined) return;
    const rows = snapshotRows(description, now).filter(({ state }) => all || SHOWN.has(state));
    this.terminal.list(rows, columnsAt(now), { json, empty: `No snapshots yet: repository:sync ${name} makes one.` });
  }

  @Option({ flags: '--all', description: 'also superseded ones and those being removed' })
  all(): boolean {
    return true;
  }
}

const SHOWN: ReadonlySet<string> = new Set(['complete', 'held', 'damaged']);

function snapshotRows({ repository, snapshots, served }: RepositoryDescription, now: Date) {
  const why = new Map(served?.passedOver.map((other) => [other.snapshot, other.why]));
  const calendar = releaseCalendar(snapshots, repository, now, new Date(now.getTime() + CALENDAR_DAYS * DAY));
  return snapshots.map((snapshot) => {
    const isServed = served?.snapshot.id === snapshot.id;
    const release = calendar.find(({ served: next }) => next.snapshot.id === snapshot.id);
    return {
      ...facts(snapshot),
      served: isServed,
      why: (isServed ? served.reason : why.get(snapshot.id)) ?? snapshot.state,
      servedFrom: isServed ? null : (release?.at ?? null),
    };
  });
}

type SnapshotRow = ReturnType<typeof snapshotRows>[number];

const facts = ({ id, state, takenAt, files, bytes, changes, note }: Snapshot) => ({
  id,
  state,
  takenAt,
  files,
  bytes,
  added: changes.added,
  changed: changes.changed,
  removed: changes.removed,
  note: note ?? null,
});

const columnsAt = (now: Date): Columns<SnapshotRow> => ({
  '': ({ served }) => (served ? '*' : ''),
  SNAPSHOT: ({ id }) => id,
  AGE: ({ takenAt }) => ageText(takenAt, now),
  STATE: ({ state, note }) => (note === null ? state : `${state}: ${note}`),
  FILES: ({ files }) => String(files),
  SIZE: ({ bytes }) => bytesText(bytes),
  CHANGES: ({ added, changed, removed }) => `+${String(added)} ~${String(changed)} -${String(removed)}`,
  WHY: ({ why }) => why,
  'SERVED FROM': ({ servedFrom }) => instantText(servedFrom),
});
