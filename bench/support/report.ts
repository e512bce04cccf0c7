import { type Figure } from './figure.js';
import { type Machine } from './machine.js';
import { type FigureOutcome } from './outcome.js';
import { goalText, rangeText, seriesText, valueText, verdictText } from './text.js';

/** What is told while figures are taken and at the end; the only writer to the terminal. */
export class Report {
  constructor(private readonly json: boolean) {}

  begin(machine: Machine, circumstances: readonly string[]): void {
    const { processor, cores, memoryGiB, kernel, node } = machine;
    this.tell(`${processor}, ${String(cores)} cores, ${String(memoryGiB)} GiB, Linux ${kernel}, Node ${node}`);
    for (const line of circumstances) this.tell(line);
  }

  /** Goes to standard error, so that figures can be piped on. */
  progress(what: string): void {
    process.stderr.write(`… ${what}\n`);
  }

  figure({ figure, measured, value, ...rest }: FigureOutcome): void {
    const { unit } = figure.goal;
    const verdict = verdictText({ figure, measured, value, ...rest });
    const range = rangeText(measured.values, unit);
    this.tell(`\n${figure.id}  ${figure.title}`);
    this.tell(`    ${valueText(value, unit)} (${range}), goal ${goalText(figure.goal)}: ${verdict.toUpperCase()}`);
    for (const series of measured.series) this.tell(`    ${seriesText(series)}`);
    for (const note of measured.notes) this.tell(`    ${note}`);
    for (const doubt of rest.doubts) this.tell(`    warning: ${doubt}; take it again on a quieter machine`);
  }

  failure({ id, title }: Figure, error: unknown): void {
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stderr.write(`\n${id}  ${title}\n    could not be measured: ${reason}\n`);
  }

  end(outcomes: readonly FigureOutcome[], seconds: number): void {
    if (this.json) {
      process.stdout.write(`${JSON.stringify(outcomes.map(viewOf), null, 2)}\n`);
      return;
    }
    this.tell(`\n${table(outcomes)}`);
    this.tell(`\nTook ${seconds.toFixed(0)} s. Ratios are taken within each round, and their median counts.`);
  }

  private tell(line: string): void {
    if (!this.json) process.stdout.write(`${line}\n`);
  }
}

function table(outcomes: readonly FigureOutcome[]): string {
  const rows = outcomes.map((outcome) => {
    const { figure, value } = outcome;
    const { goal, id, title } = figure;
    return [id, title, valueText(value, goal.unit), goalText(goal), verdictText(outcome)];
  });
  const all = [['', 'figure', 'here', 'goal', ''], ...rows];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? [];
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const viewOf = ({ figure, measured, value, reached, doubts }: FigureOutcome) => ({
  id: figure.id,
  title: figure.title,
  value,
  unit: figure.goal.unit,
  goal: goalText(figure.goal),
  reached,
  rounds: measured.values,
  series: measured.series,
  notes: measured.notes,
  doubts,
});
