import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

export const ROOT = resolve(__dirname, '../..');

export interface Instruction {
  readonly keyword: string;
  /** Without comments and line ends. */
  readonly text: string;
}

export interface Stage {
  readonly name: string;
  /** An image, or an earlier stage; build arguments are filled in. */
  readonly base: string;
  readonly instructions: readonly Instruction[];
}

/** One that this repository has. */
export class Dockerfile {
  /** Relative to the checkout. */
  readonly context: string;
  readonly text: string;
  readonly stages: readonly Stage[];
  private readonly instructions: readonly Instruction[];

  constructor(readonly file: string) {
    this.context = file === 'docker/Dockerfile' ? '.' : dirname(file);
    this.text = readFileSync(join(ROOT, file), 'utf8');
    this.instructions = instructionsIn(this.text);
    this.stages = this.splitIntoStages();
  }

  /** What counts in the end: the instructions of the stages that it stands on, and then its own. */
  whole(target: string): readonly Instruction[] {
    const stage = this.stages.find(({ name }) => name === target);
    return stage === undefined ? [] : [...this.whole(stage.base), ...stage.instructions];
  }

  last(target: string, keyword: string): string | undefined {
    return this.whole(target).findLast((instruction) => instruction.keyword === keyword)?.text;
  }

  environment(target: string): ReadonlyMap<string, string> {
    const variables = this.whole(target).filter(({ keyword }) => keyword === 'ENV');
    return new Map(
      variables.flatMap(({ text }) =>
        [...text.matchAll(/(\w+)=(\S*)/g)].map(([, name = '', value = '']) => [name, value]),
      ),
    );
  }

  private splitIntoStages(): readonly Stage[] {
    const stages: { name: string; base: string; instructions: Instruction[] }[] = [];
    for (const instruction of this.instructions) {
      const from = /^(?:--platform=\S+ )?(\S+) AS (\S+)$/.exec(instruction.text);
      if (instruction.keyword !== 'FROM') stages.at(-1)?.instructions.push(instruction);
      else stages.push({ base: this.filled(from?.[1] ?? ''), name: from?.[2] ?? '', instructions: [] });
    }
    return stages;
  }

  private filled(text: string): string {
    const defaults = this.instructions
      .filter(({ keyword }) => keyword === 'ARG')
      .map(({ text: arg }) => arg.split('='));
    return text.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => defaults.find(([found]) => found === name)?.[1] ?? '');
  }
}

/** Lines that end in a backslash go on in the next one that is no comment. */
function instructionsIn(text: string): readonly Instruction[] {
  const lines = text
    .replaceAll(/^\s*#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n');
  return lines
    .filter((line) => line !== '')
    .map((line) => ({ keyword: /^\S+/.exec(line)?.[0] ?? '', text: line.replace(/^\S+\s+/, '') }));
}

/** The words of an instruction in exec form, such as `CMD ["node", "main.js"]`. */
export function words(text = ''): readonly string[] {
  const found = /\[.*\]$/s.exec(text);
  return found === null ? [] : (JSON.parse(found[0]) as string[]);
}
