import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { authorisedSmallFile } from './s01-authorised-small-file.js';
import { authorisedMediumFile } from './s02-authorised-medium-file.js';
import { challenge } from './s04-challenge.js';
import { unchangedSnapshot } from './s09-unchanged-snapshot.js';
import { fewChanges } from './s10-few-changes.js';
import { firstSnapshot } from './s11-first-snapshot.js';
import { memoryOfPaths } from './s14-memory-of-paths.js';
import { coldCommand } from './s18-cold-command.js';
import { processorTime } from './s20-processor-time.js';
import { Bench, FULL, QUICK } from './support/bench.js';
import { performancePage } from './support/document.js';
import { type Figure } from './support/figure.js';
import { describeMachine, processorUse, usedByOthers } from './support/machine.js';
import { judge, percent, type FigureOutcome } from './support/outcome.js';
import { Report } from './support/report.js';
import { ROOT } from './support/root.js';

/** In the order in which they are taken: those that share something follow each other. */
const FIGURES: readonly Figure[] = [
  authorisedSmallFile,
  processorTime,
  authorisedMediumFile,
  challenge,
  unchangedSnapshot,
  fewChanges,
  memoryOfPaths,
  firstSnapshot,
  coldCommand,
];

const USAGE = `npm run bench -- [${FIGURES.map(({ id }) => id).join('|')}]… [--quick] [--json] [--write-docs]`;

interface Wishes {
  readonly figures: readonly Figure[];
  readonly quick: boolean;
  readonly json: boolean;
  readonly writeDocs: boolean;
}

function wishes(): Wishes {
  const flag = { type: 'boolean', default: false } as const;
  const options = { quick: flag, json: flag, 'write-docs': flag };
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const { quick, json, 'write-docs': writeDocs } = values;
  const unknown = positionals.filter((id) => !FIGURES.some((figure) => figure.id === id.toUpperCase()));
  if (unknown.length > 0) throw new Error(`There is no figure ${unknown.join(' or ')}.`);
  if (writeDocs && (quick || positionals.length > 0)) throw new Error('--write-docs takes all figures at full length.');
  const wanted = new Set(positionals.map((id) => id.toUpperCase()));
  return { figures: FIGURES.filter(({ id }) => wanted.size === 0 || wanted.has(id)), quick, json, writeDocs };
}

async function take(figure: Figure, bench: Bench): Promise<FigureOutcome> {
  const before = processorUse(bench.processes.pids);
  const measured = await figure.run(bench);
  return judge(figure, measured, usedByOthers(before, processorUse(bench.processes.pids)));
}

/** What a reader has to know of this run. */
async function circumstances(bench: Bench): Promise<readonly string[]> {
  const before = processorUse(bench.processes.pids);
  await pause(1_000);
  const busy = usedByOthers(before, processorUse(bench.processes.pids));
  return [
    bench.load.generator === 'wrk'
      ? 'Requests come from wrk.'
      : 'Requests come from our own generator, since wrk is not installed: it takes much of the machine itself, so ratios of requests are too high.',
    ...(bench.extent.quick ? ['Quick: trees of a tenth and few rounds, an indication only.'] : []),
    ...(busy > 0.1 ? [`Others used ${percent(busy)} of the machine before the first figure.`] : []),
  ];
}

async function main({ figures, quick, json, writeDocs }: Wishes): Promise<void> {
  const report = new Report(json);
  const bench = new Bench(quick ? QUICK : FULL, (what) => report.progress(what));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      bench.dispose();
      process.exit(1);
    });
  }
  const machine = describeMachine();
  const outcomes: FigureOutcome[] = [];
  try {
    const known = await circumstances(bench);
    report.begin(machine, known);
    for (const figure of figures) {
      report.progress(`${figure.id} ${figure.title}`);
      await take(figure, bench).then(
        (outcome) => {
          outcomes.push(outcome);
          report.figure(outcome);
        },
        (error: unknown) => {
          process.exitCode = 1;
          report.failure(figure, error);
        },
      );
    }
    report.end(outcomes, performance.now() / 1_000);
    if (!writeDocs) return;
    if (outcomes.length < figures.length) throw new Error('The page is not written: a figure is missing.');
    writeFileSync(
      join(ROOT, 'docs/performance.md'),
      performancePage(machine, { at: new Date(), circumstances: known }, outcomes),
    );
  } finally {
    bench.dispose();
  }
}

function fail(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}\n`);
  process.exitCode = 1;
}

if (process.platform === 'linux') {
  try {
    main(wishes()).catch(fail);
  } catch (error) {
    fail(error);
  }
} else fail('The benchmark reads /proc, so it needs Linux.');
