import { fork, type ChildProcess, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Readable } from 'node:stream';
import { text } from 'node:stream/consumers';

import { bundleProgram } from '#libs/kernel/testing/bundle-program.js';
import { until } from '#libs/kernel/testing/until.js';

const program = bundleProgram(join(__dirname, '../testing/log.program.ts'));
const FEW = 100;
const TOO_MANY = 200_000;

interface Line {
  readonly level: string;
  readonly line?: number;
  readonly lines?: number;
}

describe('standard output as the place of log lines', () => {
  let child: ChildProcess | undefined;
  afterEach(() => child?.kill('SIGKILL'));

  async function start(stdout: StdioOptions[number]): Promise<ChildProcess> {
    child = fork(program.file, { env: program.env, stdio: ['ignore', stdout, 'inherit', 'ipc'] } as object);
    await once(child, 'message');
    return child;
  }
  async function write(writer: ChildProcess, lines: number): Promise<void> {
    writer.send(lines);
    await once(writer, 'message');
  }
  const linesOf = (output: string): Line[] =>
    output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Line);

  it('has every line when the program has ended', async () => {
    const writer = await start('pipe');
    const output = text(writer.stdout as Readable);
    writer.send(FEW);
    writer.disconnect(); // at once: the lines wait still
    expect(linesOf(await output).map(({ line }) => line)).toEqual(Array.from({ length: FEW }, (_, line) => line));
  });

  it('has every line in a file', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'log-')), 'log');
    const fd = openSync(file, 'w');
    const writer = await start(fd);
    closeSync(fd);
    await write(writer, FEW);
    writer.send(FEW);
    writer.disconnect();
    await once(writer, 'exit');
    expect(linesOf(readFileSync(file, 'utf8'))).toHaveLength(2 * FEW);
  });

  it('stops nothing when nobody reads, and says afterwards how many lines were lost (I-24)', async () => {
    const writer = await start('pipe');
    await write(writer, TOO_MANY);
    await write(writer, FEW); // it goes on still
    let output = '';
    const read = writer.stdout as Readable;
    read.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
    await until(() => output.includes('were lost'));
    writer.disconnect();
    await once(read, 'end');
    const lines = linesOf(output);
    const lost = lines.reduce((sum, { lines: count = 0 }) => sum + count, 0);
    expect(lost).toBeGreaterThan(0);
    expect(lines.filter(({ line }) => line !== undefined)).toHaveLength(TOO_MANY + FEW - lost);
  });

  it('stops nothing when the disk behind it is full (I-24)', async () => {
    const full = openSync('/dev/full', 'w');
    const writer = await start(full);
    closeSync(full);
    await write(writer, FEW);
    await write(writer, TOO_MANY);
    await write(writer, FEW);
    expect(writer.exitCode).toBeNull();
  });
});
