import { must, removeTree, secondsOf } from '../support/processes.js';

/** `cp -al`: a tree of hard links, the cheapest snapshot that the usual tools make. It touches the ctime of what it links. */
export function hardLinkCopy(source: string, target: string): number {
  const seconds = secondsOf('cp', ['-al', source, target]);
  removeTree(target);
  return seconds;
}

export interface CopyTimes {
  readonly copy: number;
  readonly hash: number;
  /** Until the copy would survive a power loss, which neither of the two waits for. */
  readonly flush: number;
}

/** `cp -a`, then `sha256sum` of every file. */
export function copyAndHash(source: string, target: string): CopyTimes {
  const copy = secondsOf('cp', ['-a', source, target]);
  const hash = secondsOf('/bin/sh', ['-c', 'find . -type f -print0 | xargs -0 sha256sum > /dev/null'], { cwd: source });
  const flush = secondsOf('sync', ['-f', target]);
  removeTree(target);
  must('sync', ['-f', source]);
  return { copy, hash, flush };
}
