import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, release, totalmem } from 'node:os';

/** Linux counts processor time in hundredths of a second, whatever the kernel was built with. */
const TICKS_PER_SECOND = 100;

export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly kernel: string;
  readonly node: string;
}

export const describeMachine = (): Machine => ({
  processor: cpus()[0]?.model.trim() ?? 'unknown',
  cores: availableParallelism(),
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  kernel: release(),
  node: process.version,
});

/** Processor time that a process, and those children of it that have ended, used so far. */
export function processorSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
  // Behind the name, which may hold spaces and brackets: state is field 3, utime stime cutime cstime are 14 to 17.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return sum(fields.slice(11, 15)) / TICKS_PER_SECOND;
}

export function residentBytes(pid: number): number {
  const status = readFileSync(`/proc/${String(pid)}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}

export interface ProcessorUse {
  readonly at: number;
  readonly all: number;
  readonly own: number;
}

/** @param pids this process and its living children */
export function processorUse(pids: readonly number[]): ProcessorUse {
  const [user, nice, system, , , , , stolen] =
    readFileSync('/proc/stat', 'utf8').split('\n', 1)[0]?.split(/\s+/).slice(1) ?? [];
  return {
    at: performance.now(),
    all: sum([user, nice, system, stolen]) / TICKS_PER_SECOND,
    own: pids.map(processorSeconds).reduce((total, seconds) => total + seconds, 0),
  };
}

/** The part of the machine that went to others in between, 0 to 1. Kernel threads that write to disks are others too. */
export function usedByOthers(before: ProcessorUse, after: ProcessorUse): number {
  const others = after.all - before.all - (after.own - before.own);
  return Math.max(0, others / (((after.at - before.at) / 1_000) * availableParallelism()));
}

const sum = (numbers: readonly (string | undefined)[]): number =>
  numbers.reduce((total, number) => total + Number(number ?? 0), 0);
