import { readdir, readlink, realpath } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

const GONE_WITHIN_MS = 5_000;
const LOOK_AGAIN_MS = 20;

/** Sends a signal to a whole process group; false when it has no member any more. */
export function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  return signalled(-group, signal);
}

/**
 * Ends what is left of a command: its process group, and whoever has inherited its mark, also after leaving the group.
 * Resolves when they are gone (trust T-64).
 *
 * @param mark the link of the `RunMark`
 */
export async function endTree(group: number, mark: string | undefined): Promise<void> {
  signalGroup(group, 'SIGKILL');
  const deadline = performance.now() + GONE_WITHIN_MS;
  while (performance.now() < deadline) {
    const left = mark === undefined ? undefined : await processesWith(mark);
    // Without /proc the group is all we can see; with it, the group may count zombies that nobody reaps.
    if (left === undefined ? !signalGroup(group, 0) : left.length === 0) return;
    for (const pid of left ?? []) signalled(pid, 'SIGKILL');
    await delay(LOOK_AGAIN_MS);
  }
}

/** Other processes that have the file open, as far as we may see them; `undefined` where the system does not tell. */
export async function processesHolding(file: string): Promise<readonly number[] | undefined> {
  const target = await realpath(file).catch(() => undefined);
  return target === undefined ? [] : processesWith(target);
}

async function processesWith(target: string): Promise<readonly number[] | undefined> {
  const names = await readdir('/proc').catch((): string[] => []);
  if (!names.includes('self')) return undefined;
  const others = names
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid);
  const holding = await Promise.all(others.map((pid) => holds(pid, target)));
  return others.filter((_, index) => holding[index]);
}

async function holds(pid: number, target: string): Promise<boolean> {
  const folder = `/proc/${String(pid)}/fd`;
  const descriptors = await readdir(folder).catch(() => []); // it has ended, or is another user's
  const targets = await Promise.all(descriptors.map((name) => readlink(`${folder}/${name}`).catch(() => '')));
  return targets.includes(target);
}

function signalled(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false; // it has ended meanwhile
  }
}
