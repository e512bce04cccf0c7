import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { until } from '#libs/kernel/testing/until.js';

import { Parceler } from '../support/parceler.js';

jest.setTimeout(60_000); // real processes, one after the other

/** A command that goes on while others do something. */
class GoingOn {
  private readonly child: ChildProcess;
  private said = { out: '', err: '' };

  constructor(parceler: Parceler, ...args: readonly string[]) {
    const child = spawn(process.execPath, [resolve('bin/parceler'), ...args], {
      cwd: parceler.folder,
      env: parceler.environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.setEncoding('utf8').on('data', (text: string) => (this.said.out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.said.err += text));
    this.child = child;
  }

  get stderr(): string {
    return this.said.err;
  }

  get goesOn(): boolean {
    return this.child.exitCode === null;
  }

  async end(): Promise<number | null> {
    if (this.goesOn) await once(this.child, 'exit');
    return this.child.exitCode;
  }
}

describe('runs that wait or work', () => {
  let parceler: Parceler;
  beforeEach(async () => {
    parceler = await Parceler.create();
  });
  afterEach(() => parceler.dispose());

  const create = (command: string, ...more: readonly string[]): void => {
    parceler.must('repository:create', '--name', 'feed', '--delay', '0', '--command', command, ...more);
  };

  it('waiting for one that no worker takes: says how to start a worker, and goes on waiting', async () => {
    create('touch "$SOURCE_DIR/a"', '--no-sync');
    const waiting = new GoingOn(parceler, 'repository:sync', 'feed', '--wait');
    await until(() => waiting.stderr !== '');
    expect(waiting.stderr).toBe(
      'warning: run 1 still waits for a worker; if none runs, parceler serve or parceler queue:work does it\n',
    );
    expect(waiting.goesOn).toBe(true);
    parceler.must('queue:work', '--once');
    expect(await waiting.end()).toBe(0);
    expect(waiting.stderr.split('\n')).toHaveLength(2);
  });

  it('deleting a repository whose sync is under way ends that first', async () => {
    const [started, ended] = [join(parceler.folder, 'started'), join(parceler.folder, 'ended')];
    create(`trap 'touch "${ended}"; exit 1' TERM; touch "${started}"; sleep 600 & wait`);
    await parceler.serve({ only: 'worker' });
    await until(() => existsSync(started));
    expect(parceler.must('repository:delete', 'feed', '--yes')).toContain('Cancelled run 1, which was open.\n');
    expect(parceler.json('run:show', '1')).toMatchObject({
      state: 'cancelled',
      error: expect.stringContaining('the repository was deleted') as string,
    });
    await until(() => existsSync(ended));
  });
});
