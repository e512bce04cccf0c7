import { constants } from 'node:fs';
import { access, type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';

import { makeFolders } from '#libs/files/make-folders.js';
import { SECOND } from '#libs/kernel/duration.js';
import { messageOf } from '#libs/kernel/errors.js';

import { type CommandOutcome, type CommandRequest, type CommandResult, type CommandRunner } from '../run-command.js';
import { forgetGroup, heldByOrphan, noteGroup } from './group-lock.js';
import { type LaunchCapabilities, launchPlan, type LaunchPlan } from './launch-plan.js';
import { RunMark } from './run-mark.js';
import { notStarted, RunningCommand } from './running-command.js';

export interface RunnerOptions {
  /** Milliseconds from SIGTERM to SIGKILL. */
  readonly graceMs: number;
}

interface Ended {
  readonly outcome: CommandOutcome;
  readonly outputBytes: number;
}

/** Runs commands as child processes, as well shielded as the machine allows (trust 2.4). */
export class ChildProcessRunner implements CommandRunner {
  constructor(
    readonly capabilities: LaunchCapabilities,
    private readonly options: RunnerOptions = { graceMs: 10 * SECOND },
  ) {}

  async run(request: CommandRequest): Promise<CommandResult> {
    const start = performance.now();
    const { outcome, outputBytes } = await this.attempt(request);
    return { outcome, outputBytes, durationMs: Math.round(performance.now() - start) };
  }

  private async attempt(request: CommandRequest): Promise<Ended> {
    if (request.signal.aborted) return { outcome: { kind: 'aborted' }, outputBytes: 0 };
    const plan = launchPlan(this.capabilities, request);
    try {
      await access(request.cwd); // else Node says that the launcher is missing
      await makeLockFile(request.lockFile);
      return plan.locks ? await this.execute(request, plan) : await this.executeLocked(request, plan);
    } catch (cause) {
      return { outcome: notStarted(cause), outputBytes: 0 };
    }
  }

  private async executeLocked(request: CommandRequest, plan: LaunchPlan): Promise<Ended> {
    const lock = await open(request.lockFile, constants.O_RDWR);
    try {
      if (await heldByOrphan(request.lockFile, lock)) return { outcome: { kind: 'locked' }, outputBytes: 0 };
      return await this.execute(request, plan, lock);
    } finally {
      await lock.close();
    }
  }

  private async execute(request: CommandRequest, plan: LaunchPlan, lock?: FileHandle): Promise<Ended> {
    const command = await this.start(request, plan, lock);
    if (lock !== undefined) await noteOrStop(lock, command);
    const outcome = await command.outcome();
    if (lock !== undefined) {
      await forgetGroup(lock).catch((error: unknown) => {
        // At worst a later process of that number is taken for an orphan.
        request.onOutput(`The lock file ${request.lockFile} could not be emptied: ${messageOf(error)}\n`);
      });
    }
    return { outcome, outputBytes: command.outputBytes };
  }

  private async start(request: CommandRequest, plan: LaunchPlan, lock?: FileHandle): Promise<RunningCommand> {
    const mark = await RunMark.make(request.lockFile);
    try {
      return new RunningCommand(request, plan, { ...this.options, mark, lockFd: lock?.fd });
    } finally {
      await mark.handedOn();
    }
  }
}

/** A command that could not be found again after our death does not go on. */
async function noteOrStop(lock: FileHandle, command: RunningCommand): Promise<void> {
  if (command.group === undefined) return;
  try {
    await noteGroup(lock, command.group);
  } catch (error) {
    command.stop({ kind: 'aborted' });
    await command.outcome();
    throw error;
  }
}

/** For nobody else's eyes: who can open a lock file can also take the lock. */
async function makeLockFile(lockFile: string): Promise<void> {
  makeFolders(dirname(lockFile), 0o700);
  await (await open(lockFile, constants.O_RDWR | constants.O_CREAT, 0o600)).close();
}
