import { setTimeout as pause } from 'node:timers/promises';

import { type ChangingUpstream, type Contents, sha256 } from './changing-upstream.js';

/** The machine has other things to do too. */
const PAUSE_MS = 5;

/**
 * An appliance that never rests: it asks for one file after the other, and finds fault with every answer that is not
 * content of one whole version of the upstream, told by one snapshot (trust I-04, I-21), or that goes back in time (I-06).
 */
export class ContinuousReader {
  answers = 0;
  private readonly faults: string[] = [];
  private readonly seen = new Map<string, Map<string, string>>();
  private snapshot: string | undefined;
  private stopped = false;
  private reading: Promise<void> | undefined;

  constructor(
    private readonly address: string,
    private readonly authorization: string,
    private readonly upstream: ChangingUpstream,
  ) {}

  start(): void {
    this.reading = this.read();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.reading;
  }

  /** What was wrong since it was asked last. */
  takeFaults(): readonly string[] {
    const mixed = [...this.seen]
      .filter(([, contents]) => !this.upstream.hasAll(contents))
      .map(([snapshot]) => `I-21 ${snapshot}: answers that no version of the upstream has together`);
    return [...this.faults.splice(0), ...mixed];
  }

  /** What is served under these paths now. */
  async contents(paths: Iterable<string>): Promise<Contents> {
    const contents = new Map<string, string>();
    for (const path of paths) contents.set(path, (await this.ask(path)).hash);
    return contents;
  }

  private async read(): Promise<void> {
    while (!this.stopped) {
      for (const path of this.upstream.lasting) {
        await this.ask(path).then(
          (answer) => this.judge(path, answer),
          (error: unknown) => this.faults.push(`I-04 ${path}: no answer, ${String(error)}`),
        );
        await pause(PAUSE_MS);
      }
    }
  }

  private judge(path: string, { status, snapshot, hash }: Answer): void {
    this.answers += 1;
    if (status !== 200 || snapshot === null) {
      this.faults.push(`I-04 ${path}: answer ${String(status)} of snapshot ${String(snapshot)}`);
      return;
    }
    const isNew = snapshot !== this.snapshot;
    if (isNew && this.seen.has(snapshot))
      this.faults.push(`I-06 ${path}: back from ${String(this.snapshot)} to ${snapshot}`);
    this.snapshot = snapshot;
    const contents = this.seen.get(snapshot) ?? new Map<string, string>();
    this.seen.set(snapshot, contents.set(path, hash));
  }

  private async ask(path: string): Promise<Answer> {
    const answer = await fetch(`${this.address}/${path}`, { headers: { authorization: this.authorization } });
    const body = new Uint8Array(await answer.arrayBuffer());
    return { status: answer.status, snapshot: answer.headers.get('x-parceler-snapshot'), hash: sha256(body) };
  }
}

interface Answer {
  readonly status: number;
  readonly snapshot: string | null;
  readonly hash: string;
}
