import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { freePort, Installation } from './installation.js';
import { Load } from './load.js';
import { Processes, removeTree } from './processes.js';

/** How much is done: `quick` shows whether everything works and roughly where we stand. */
export interface Extent {
  readonly quick: boolean;
  /** Of short measurements. */
  readonly rounds: number;
  /** Of measurements that write a gigabyte. */
  readonly longRounds: number;
  readonly loadSeconds: number;
  /** By how much trees are smaller than the goals are made for. */
  readonly shrink: number;
}

export const FULL: Extent = { quick: false, rounds: 5, longRounds: 3, loadSeconds: 2, shrink: 1 };
export const QUICK: Extent = { quick: true, rounds: 2, longRounds: 1, loadSeconds: 1, shrink: 10 };

/** A temporary folder, processes, and worlds that figures share: made when first asked for, gone at the end. */
export class Bench {
  readonly processes = new Processes();
  readonly load: Load;
  private readonly folder = mkdtempSync(join(tmpdir(), 'parceler-bench-'));
  private readonly worlds = new Map<string, Promise<unknown>>();
  private readonly over = new AbortController();
  private folders = 0;

  constructor(
    readonly extent: Extent,
    /** Tells what is going on, while nothing is measured. */
    readonly say: (what: string) => void,
  ) {
    this.load = new Load(this.newFolder('load'), this.over.signal);
  }

  newFolder(name: string): string {
    this.folders += 1;
    const folder = join(this.folder, `${name}-${String(this.folders)}`);
    mkdirSync(folder);
    return folder;
  }

  async newInstallation(): Promise<Installation> {
    return new Installation(this.newFolder('parceler'), this.processes, await freePort());
  }

  /** What several figures look at, made once. */
  shared<T>(name: string, make: () => Promise<T>): Promise<T> {
    const world = (this.worlds.get(name) as Promise<T> | undefined) ?? make();
    this.worlds.set(name, world);
    return world;
  }

  /** Everything here is ours alone and nobody will miss it, so nothing is asked to end in good order. */
  dispose(): void {
    this.over.abort();
    this.processes.killAll();
    removeTree(this.folder);
  }
}
