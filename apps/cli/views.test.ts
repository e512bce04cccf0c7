import { repositoryName } from '#libs/kernel/ids.js';
import { DEFAULT_SETTINGS } from '#libs/repositories/repository-settings.js';

import { repositoryView } from './views.js';

const NOTHING_YET = {
  snapshots: [],
  served: undefined,
  nextChange: undefined,
  lastSync: undefined,
  lastRun: undefined,
};

it.each([
  ['rsync -a --delete rsync://deb.example.org/debian/ "$SOURCE_DIR"', undefined],
  [
    'RSYNC_PASSWORD=CANARY rsync -a rsync://joe@deb.example.org/x "$SOURCE_DIR"',
    'RSYNC_PASSWORD=*** rsync -a rsync://***@deb.example.org/x "$SOURCE_DIR"',
  ],
  [
    'curl -ujoe:CANARY https://joe:CANARY@host/x -o "$SOURCE_DIR/x"',
    'curl -u*** https://***@host/x -o "$SOURCE_DIR/x"',
  ],
])('shows the command %s without what is secret in it (T-71)', (command, shown = command) => {
  const at = new Date('2026-03-10T00:00:00Z');
  const repository = {
    ...DEFAULT_SETTINGS,
    id: 1,
    name: repositoryName('debian'),
    command,
    freeze: undefined,
    createdAt: at,
  };
  expect(repositoryView({ repository, ...NOTHING_YET }, at).command).toBe(shown);
});
