import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { DAY, HOUR } from '#libs/kernel/duration.js';
import { repositoryName, snapshotIdAt } from '#libs/kernel/ids.js';
import { HOLD_BACK_MODES, type HoldBack } from '#libs/repositories/repository.js';
import { type Snapshot } from '#libs/snapshots/snapshot.js';
import { stableSnapshot } from '#libs/snapshots/stable-snapshot.js';
import { type Sha256 } from '#libs/storage/layout.js';

import { generatedPart, ROOT } from './pages.js';

const FILE = resolve(ROOT, 'docs/operations.md');
const MONDAY = new Date('2026-01-05T00:00:00Z').getTime();
const DELAY = 3;
const LAST_SYNC = 5;
const DAYS = 11;

/** Taken at the beginning of that day. */
function takenOn(day: number): Snapshot {
  const takenAt = new Date(MONDAY + day * DAY);
  return {
    repository: repositoryName('vendor'),
    id: snapshotIdAt(takenAt),
    sequence: day + 1,
    state: 'complete',
    takenAt,
    files: 1,
    bytes: 1,
    changes: { added: 0, changed: 0, removed: 0 },
    manifestSha256: '0'.repeat(64) as Sha256,
    note: undefined,
    run: undefined,
    stateSince: takenAt,
  };
}

function cell(day: number, holdBack: HoldBack): string {
  const now = new Date(MONDAY + day * DAY + 12 * HOUR);
  const snapshots = Array.from({ length: LAST_SYNC + 1 }, (_, index) => takenOn(index)).filter(
    ({ takenAt }) => takenAt <= now,
  );
  const served = stableSnapshot(snapshots, { delay: DELAY, holdBack, freeze: undefined }, now);
  if (served === undefined) return '';
  return `S${String(served.snapshot.sequence - 1)} (${served.reason}${served.stale ? ', stale' : ''})`;
}

function table(): string {
  const head = ['day', 'its sync', ...HOLD_BACK_MODES.map((mode) => `\`${mode}\` serves`)];
  const rows = Array.from({ length: DAYS }, (_, day) => [
    String(day),
    day <= LAST_SYNC ? `S${String(day)}` : 'fails',
    ...HOLD_BACK_MODES.map((mode) => cell(day, mode)),
  ]);
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  const lineOf = (row: readonly string[], fill: string): string =>
    `| ${row.map((text, column) => text.padEnd(widths[column] ?? 0, fill)).join(' | ')} |\n`;
  const rule = lineOf(
    head.map(() => ''),
    '-',
  );
  return `\n${lineOf(head, ' ')}${rule}${rows.map((row) => lineOf(row, ' ')).join('')}\n`;
}

describe('docs/operations.md', () => {
  it('shows day by day what the rule serves (npm run docs:generate writes it anew)', () => {
    const { part, with: withPart } = generatedPart(readFileSync(FILE, 'utf8'), 'days');
    if (process.env['DOCS'] === 'write') writeFileSync(FILE, withPart(table()));
    else expect(part).toBe(table());
  });
});
