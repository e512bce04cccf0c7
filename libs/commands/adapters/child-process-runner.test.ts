import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';

import { bundleProgram } from '#libs/kernel/testing/bundle-program.js';
import { until } from '#libs/kernel/testing/until.js';

import { type CommandRequest } from '../run-command.js';
import { ChildProcessRunner } from './child-process-runner.js';
import { CONTROL_FD, type LaunchCapabilities, launchPlan } from './launch-plan.js';
import { probeCapabilities } from './probe-capabilities.js';
import { processesHolding } from './process-tree.js';

const ENV = { PATH: '/usr/bin:/bin' };
const program = bundleProgram(join(__dirname, '../testing/command-runner.program.ts'));

// Longer than any wait below, so that a test that fails has ended when the next one begins.
jest.setTimeout(30_000);

let folder: string;
let lockFile: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'command-'));
  lockFile = join(folder, 'locks', 'debian.lock');
});

const request = (command: string, changes: Partial<CommandRequest> = {}): CommandRequest => ({
  command,
  cwd: folder,
  env: ENV,
  lockFile,
  timeoutMs: 20_000,
  idleTimeoutMs: 20_000,
  watchFolder: folder,
  signal: new AbortController().signal,
  onOutput: () => undefined,
  ...changes,
});

const file = (name: string) => join(folder, name);
const isThere = (name: string) => until(() => existsSync(file(name)));

/** Everything of the test's commands, wherever it hides: the lock file is inherited by all of it. */
const leftOvers = async () => (await processesHolding(lockFile)) ?? [];

const WAYS: readonly (readonly [string, (all: LaunchCapabilities) => LaunchCapabilities])[] = [
  ['with all this machine has', (all) => all],
  ['without namespaces', ({ unshare: _, ...rest }) => rest],
  ['without flock', ({ flock: _, ...rest }) => rest],
  ['without setpriv', ({ setpriv: _, ...rest }) => rest],
  ['with the shell alone', () => ({})],
];

describe.each(WAYS)('ChildProcessRunner %s', (_, choose) => {
  let runner: ChildProcessRunner;
  let capabilities: LaunchCapabilities;
  beforeAll(async () => {
    capabilities = choose(await probeCapabilities());
    runner = new ChildProcessRunner(capabilities, { graceMs: 300 });
  });

  const run = async (command: string, changes: Partial<CommandRequest> = {}) => {
    let output = '';
    const onOutput = (piece: string) => void (output += piece);
    const result = await runner.run(request(command, { onOutput, ...changes }));
    return { ...result, output };
  };

  it.each([
    ['true', { kind: 'exited', code: 0 }],
    ['exit 9', { kind: 'exited', code: 9 }],
    ['exit 75', { kind: 'exited', code: 75 }],
    ['kill -SEGV $$', { kind: 'killed', signal: 'SIGSEGV' }],
    ['no-such-program', { kind: 'exited', code: 127 }],
  ])('tells how "%s" ended', async (command, outcome) => {
    expect((await run(command)).outcome).toEqual(outcome);
  });

  it('gives the command its folder, its environment and nothing else, and no input (T-70)', async () => {
    const env = { ...ENV, PARCELER_REPOSITORY: 'debian' };
    const { output, outputBytes } = await run('pwd; env | grep -vE "^(_|PWD|OLDPWD|SHLVL)="; cat; echo end >&2', {
      env,
    });
    expect(output.split('\n').toSorted()).toEqual(
      ['', folder, 'PARCELER_REPOSITORY=debian', 'PATH=/usr/bin:/bin', 'end'].toSorted(),
    );
    expect(outputBytes).toBe(output.length);
  });

  it('passes the command on as it is, quotes, dollars and line ends (T-68)', async () => {
    expect((await run(`a='x "y" $(z)'\necho "$a" \\\n"$0" "$#"`)).output).toBe('x "y" $(z) /bin/sh 0\n');
  });

  it('hides secrets in the output (T-71)', async () => {
    const { output } = await run('echo get https://joe:CANARY@host/x; echo "$RCLONE_PASS!"', {
      env: { ...ENV, RCLONE_PASS: 'CANARY-2' },
    });
    expect(output).toBe('get https://***@host/x\n***!\n');
  });

  it('ends the whole tree after the total time, gently first (T-63)', async () => {
    const command = `trap 'echo asked; exit 3' TERM; (sleep 100 & echo $! > child; wait) & while :; do sleep 0.05; done`;
    const { outcome, output } = await run(command, { timeoutMs: 400 });
    expect(outcome).toEqual({ kind: 'timed-out', after: 'total' });
    expect(output).toContain('asked');
    expect(await leftOvers()).toEqual([]);
  });

  it('ends a command that does not want to end (T-63)', async () => {
    const { outcome } = await run(`trap '' TERM; echo x; while :; do sleep 0.05; done`, { timeoutMs: 200 });
    expect(outcome).toEqual({ kind: 'timed-out', after: 'total' });
    expect(await leftOvers()).toEqual([]);
  });

  it('ends a silent command that fetches nothing (T-63)', async () => {
    const { outcome, durationMs } = await run('sleep 100', { idleTimeoutMs: 200 });
    expect(outcome).toEqual({ kind: 'timed-out', after: 'idle' });
    expect(durationMs).toBeLessThan(5_000);
  });

  it('ends when it is told to, also before it began', async () => {
    const abort = new AbortController();
    const { signal } = abort;
    const running = run('echo x > there; sleep 100', { signal });
    await isThere('there');
    abort.abort();
    expect((await running).outcome).toEqual({ kind: 'aborted' });
    expect((await run('true', { signal })).outcome).toEqual({ kind: 'aborted' });
    expect(await leftOvers()).toEqual([]);
  });

  it('leaves nothing behind when a command ends before what it has started (T-64)', async () => {
    const { outcome, durationMs } = await run(
      'sleep 100 & setsid sleep 100 & setsid sleep 100 >/dev/null 2>&1 & sleep 0.1; echo done',
    );
    expect(outcome).toEqual({ kind: 'exited', code: 0 });
    expect(durationMs).toBeLessThan(5_000);
    expect(await leftOvers()).toEqual([]);
  });

  it('does not start beside an earlier command that holds the lock (I-12)', async () => {
    const abort = new AbortController();
    const first = run('echo x > there; sleep 100', { signal: abort.signal });
    await isThere('there');
    expect((await run('echo y > beside')).outcome).toEqual({ kind: 'locked' });
    expect(existsSync(file('beside'))).toBe(false);
    abort.abort();
    await first;
    expect((await run('true')).outcome).toEqual({ kind: 'exited', code: 0 });
  });

  it('leaves the command alone that holds the lock when it refuses another (I-12)', async () => {
    const first = run('echo x > there; until [ -e refused ]; do sleep 0.02; done; exit 7');
    await isThere('there');
    expect((await run('true')).outcome).toEqual({ kind: 'locked' });
    writeFileSync(file('refused'), '');
    expect((await first).outcome).toEqual({ kind: 'exited', code: 7 });
  });

  it.each(['<', '<>'])('leaves alone who only has the lock file open (%s) when a command ends (T-64)', async (how) => {
    const running = run('setsid sleep 100 & echo x > there; until [ -e seen ]; do sleep 0.02; done');
    await isThere('there');
    const bystander = spawn('/bin/sh', ['-c', `exec 8${how}"$0"; echo; read -r _; exit 5`, lockFile]);
    try {
      await once(bystander.stdout, 'data');
      const held = await leftOvers();
      writeFileSync(file('seen'), '');
      expect((await running).outcome).toEqual({ kind: 'exited', code: 0 });
      expect(held).toContain(bystander.pid);
      expect(await leftOvers()).toEqual([bystander.pid]);
      bystander.stdin.end();
      expect(await once(bystander, 'exit')).toEqual([5, null]);
    } finally {
      bystander.kill('SIGKILL');
    }
  });

  it('makes locks that nobody else can open, and leaves nothing beside them', async () => {
    await run('true');
    expect(statSync(dirname(lockFile)).mode & 0o777).toBe(0o700);
    expect(statSync(lockFile).mode & 0o777).toBe(0o600);
    expect(readdirSync(dirname(lockFile))).toEqual([basename(lockFile)]);
  });

  it.each([
    ['a folder that is not there', 'true', { cwd: '/no/such/folder' }],
    ['a command that cannot be passed on', 'true\0', {}],
    ['a command that is too long', 'x'.repeat(3_000_000), {}],
  ])('tells that nothing was started for %s', async (_name, command, changes) => {
    expect((await run(command, changes)).outcome).toMatchObject({
      kind: 'not-started',
      cause: expect.anything() as unknown,
    });
  });

  it('tells that nothing was started when the lock file cannot be made', async () => {
    writeFileSync(file('locks'), '');
    expect((await run('true')).outcome).toMatchObject({ kind: 'not-started' });
  });

  describe('when our process is killed with -9', () => {
    let parent: ChildProcess;
    afterEach(() => void parent.kill('SIGKILL'));

    const killedWhile = async (command: string): Promise<void> => {
      const args = [program.file, JSON.stringify(capabilities), JSON.stringify(request(command))];
      parent = spawn(process.execPath, args, { env: program.env, stdio: 'inherit' });
      await isThere('there');
      parent.kill('SIGKILL');
      await once(parent, 'exit');
    };

    it('ends the command and its children (T-02)', async () => {
      await killedWhile('sleep 100 & (sleep 100; :) & trap "" TERM HUP; echo x > there; sleep 100');
      await until(async () => (await leftOvers()).length === 0);
      expect((await run('true')).outcome).toEqual({ kind: 'exited', code: 0 });
    });

    it('ends a command that was only being started, whose launchers could not notice (T-02)', async () => {
      mkdirSync(dirname(lockFile));
      const plan = launchPlan(capabilities, { command: 'sleep 60 & echo >begun; wait', lockFile });
      const stdio = ['ignore', 'ignore', 'inherit', 'pipe'] as const;
      const child = spawn(plan.file, plan.args, { cwd: folder, env: ENV, detached: true, stdio: [...stdio] });
      const ended = once(child, 'exit');
      child.stdio[CONTROL_FD]?.destroy(); // all that a command sees of our death, when we died before it asked for more
      await ended;
      await until(async () => (await leftOvers()).length === 0);
    });

    it('ends a daemon too, or else keeps its successor from starting (I-12, T-64)', async () => {
      await killedWhile('setsid sh -c "echo x > there; sleep 100" </dev/null >/dev/null 2>&1 & sleep 100');
      if (capabilities.unshare !== undefined) {
        await until(async () => (await leftOvers()).length === 0);
      } else {
        await until(async () => (await leftOvers()).length <= 2); // the daemon's shell and its sleep
        expect((await run('echo y > beside')).outcome).toEqual({ kind: 'locked' });
        expect(existsSync(file('beside'))).toBe(false);
        for (const pid of await leftOvers()) process.kill(pid, 'SIGKILL');
        await until(async () => (await leftOvers()).length === 0);
      }
      expect((await run('true')).outcome).toEqual({ kind: 'exited', code: 0 });
    });
  });
});

describe('ChildProcessRunner without flock, when its lock file cannot be written', () => {
  const runner = new ChildProcessRunner({}, { graceMs: 300 });
  afterEach(() => jest.restoreAllMocks());

  /** Lets the nth emptying of a file fail: the first comes before the group is noted, the second at the end. */
  const failTruncating = async (nth: number) => {
    const handle = await open(file('any'), 'w');
    const prototype = Object.getPrototypeOf(handle) as FileHandle;
    await handle.close();
    const truncating = jest.spyOn(prototype, 'truncate');
    for (let call = 1; call < nth; call += 1) truncating.mockResolvedValueOnce(undefined);
    truncating.mockRejectedValueOnce(Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' }));
  };

  it('says that nothing was started only when nothing goes on (I-12)', async () => {
    await failTruncating(1);
    const { outcome } = await runner.run(request('trap "" TERM; touch started; sleep 10; touch late'));
    expect(outcome).toMatchObject({ kind: 'not-started', cause: { message: 'ENOSPC: no space left' } });
    expect(await leftOvers()).toEqual([]);
  });

  it('keeps how the command ended', async () => {
    await failTruncating(2);
    let output = '';
    const { outcome } = await runner.run(request('true', { onOutput: (text) => void (output += text) }));
    expect(outcome).toEqual({ kind: 'exited', code: 0 });
    expect(output).toContain('debian.lock could not be emptied: ENOSPC');
  });
});

describe('ChildProcessRunner', () => {
  const runInProgram = (changes: Partial<CommandRequest>, as?: number) => {
    const args = [program.file, '"probed"', JSON.stringify(request('', changes))];
    const identity = as === undefined ? {} : { uid: as, gid: as };
    const child = spawn(process.execPath, args, {
      env: program.env,
      stdio: ['ignore', 'pipe', 'inherit'],
      ...identity,
    });
    return { child, result: text(child.stdout).then((line) => JSON.parse(line || '{}') as Record<string, unknown>) };
  };

  it.each([
    ['prints', 'for i in 1 2 3 4 5 6 7 8; do sleep 0.1; echo $i; done'],
    ['fetches a file', 'mkdir a; for i in 1 2 3 4 5 6 7 8; do sleep 0.1; echo $i >> a/file; done'],
    ['fetches files', 'for i in 1 2 3 4 5 6 7 8; do sleep 0.1; mkdir -p a/$i; : > a/$i/file; done'],
  ])('does not take a command for idle that %s (T-77)', async (_name, command) => {
    const runner = new ChildProcessRunner(await probeCapabilities());
    const { outcome } = await runner.run(request(command, { idleTimeoutMs: 500 }));
    expect(outcome).toEqual({ kind: 'exited', code: 0 });
  });

  it('needs no more memory for a flood of output (T-65)', async () => {
    const { result } = runInProgram({ command: 'yes', timeoutMs: 1_500 });
    const { outputBytes, grownBytes } = await result;
    expect(outputBytes).toBeGreaterThan(5_000_000);
    expect(grownBytes).toBeLessThan(60_000_000);
  });

  it('needs no more memory for one endless line (T-66)', async () => {
    const { result } = runInProgram({ command: 'echo; yes | tr -d "\\n"', timeoutMs: 1_500 });
    const { outputBytes, grownBytes } = await result;
    expect(outputBytes).toBeGreaterThan(5_000_000);
    expect(grownBytes).toBeLessThan(60_000_000);
  });

  it.each([
    ['hides our processes and their environment where namespaces are allowed', '"probed"'],
    ['cannot do so without namespaces', '{}'],
  ])('%s (T-70)', async (_, capabilities) => {
    const command = 'grep -lsz CANARY /proc/[0-9]*/environ >found; ls -d /proc/[0-9]* | wc -l >count';
    const args = [program.file, capabilities, JSON.stringify(request(command))];
    const env = { ...program.env, APP_KEY: 'CANARY' };
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
    const { unshare } = (JSON.parse(await text(child.stdout)) as { capabilities: LaunchCapabilities }).capabilities;
    const found = readFileSync(file('found'), 'utf8');
    if (unshare?.args.includes('--mount-proc') === true) {
      expect([found, Number(readFileSync(file('count'), 'utf8')) < 10]).toEqual(['', true]);
    } else {
      expect(found).toContain(`/proc/${String(child.pid)}/environ`);
    }
  });

  it('ends a daemon with us also when we are not root, where user namespaces are allowed (T-64)', async () => {
    const nobody = process.getuid?.() === 0 ? 65_534 : undefined;
    chmodSync(folder, 0o777);
    chmodSync(dirname(program.file), 0o755);
    const { outcome, capabilities } = await runInProgram({ command: 'true' }, nobody).result;
    expect(outcome).toEqual({ kind: 'exited', code: 0 });

    const command = 'setsid sh -c "echo x > there; sleep 100" >/dev/null 2>&1 & sleep 100';
    const { child } = runInProgram({ command }, nobody);
    await isThere('there');
    child.kill('SIGKILL');
    await once(child, 'close');
    if ((capabilities as LaunchCapabilities).unshare === undefined) {
      for (const pid of await leftOvers()) process.kill(pid, 'SIGKILL');
    }
    await until(async () => (await leftOvers()).length === 0);
  });
});
