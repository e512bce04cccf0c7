import { type Machine } from './machine.js';
import { type FigureOutcome } from './outcome.js';
import { goalText, rangeText, seriesText, valueText, verdictText } from './text.js';

const INTRODUCTION = `# Performance

<!-- Written by \`npm run bench -- --write-docs\`. -->

How fast Parceler is, beside the fastest thing that could do the same job, measured in the same run on the same machine. Absolute
numbers drift with the machine, so **ratios count**: each is taken within one round, rounds of ours and of the peer's take turns, and the median of
the rounds is held against the goal. "Noisy" marks a figure whose rounds lay far apart, or whose machine others used meanwhile.

    npm run bench                    all figures, about five minutes
    npm run bench -- S1 S9           some of them
    npm run bench -- --quick         smaller trees and fewer rounds, little more than a minute: whether it works, not how fast it is
    npm run bench -- --json          for programs

It needs Linux, GNU \`cp\` and \`sha256sum\`, some 6 GB below the temporary folder, and it listens on the loopback address only. With \`wrk\` installed
requests come from there; without it from a slower generator of its own.
`;

/** The page about performance, with the figures of one run. */
export function performancePage(
  machine: Machine,
  taken: { readonly at: Date; readonly circumstances: readonly string[] },
  outcomes: readonly FigureOutcome[],
): string {
  const { processor, cores, memoryGiB, kernel, node } = machine;
  const where = `${processor}, ${String(cores)} cores, ${String(memoryGiB)} GiB of memory, Linux ${kernel}, Node ${node}`;
  return [
    INTRODUCTION,
    `## Where we stand\n\nTaken on ${taken.at.toISOString().slice(0, 10)}: ${where}. ${taken.circumstances.join(' ')}\n`,
    table(outcomes),
    '## What the figures mean\n',
    ...outcomes.map(section),
  ].join('\n');
}

function table(outcomes: readonly FigureOutcome[]): string {
  const rows = outcomes.map((outcome) => {
    const { figure, measured, value } = outcome;
    const { goal, id, title } = figure;
    const here = `${valueText(value, goal.unit)} (${rangeText(measured.values, goal.unit)})`;
    return `| ${id} | ${title} | ${here} | ${goalText(goal)} | ${verdictText(outcome)} |`;
  });
  return ['| | figure | here | goal | |', '| --- | --- | --- | --- | --- |', ...rows, ''].join('\n');
}

function section({ figure, measured, doubts }: FigureOutcome): string {
  const lines = [...measured.series.map(seriesText), ...measured.notes, ...doubts.map((doubt) => `noisy: ${doubt}`)];
  return [`**${figure.id} · ${figure.title}.** ${figure.meaning}\n`, ...lines.map((line) => `- ${line}`), ''].join(
    '\n',
  );
}
