import { once } from 'node:events';

import { type Installation } from './installation.js';
import { type Processes, type Program } from './processes.js';

export type Order =
  | { readonly kind: 'register'; readonly names: readonly string[] }
  | { readonly kind: 'snapshot'; readonly repository: string };

export interface Outcome {
  readonly seconds: number;
  readonly files: number;
  readonly changed: number;
  readonly failure?: string;
}

/** A process with a worker's use cases, which registers repositories and takes snapshots when told to. */
export class Workshop {
  private constructor(
    private readonly processes: Processes,
    private readonly program: Program,
  ) {}

  static async open(processes: Processes, installation: Installation): Promise<Workshop> {
    return new Workshop(processes, await installation.startWorkshop());
  }

  async register(...names: readonly string[]): Promise<void> {
    await this.order({ kind: 'register', names });
  }

  /** Time from lease to lease, as the worker sees it. */
  snapshot(repository: string): Promise<Outcome> {
    return this.order({ kind: 'snapshot', repository });
  }

  close(): Promise<void> {
    return this.processes.stop(this.program);
  }

  private async order(order: Order): Promise<Outcome> {
    const { child } = this.program;
    const answered = new AbortController();
    const { signal } = answered;
    const ended = once(child, 'exit', { signal }).then(() => {
      throw new Error('the workshop ended before it was done');
    });
    const answer = once(child, 'message', { signal }) as Promise<[Outcome]>;
    child.send(order);
    try {
      const [outcome] = await Promise.race([answer, ended]);
      if (outcome.failure !== undefined) throw new Error(`the workshop failed: ${outcome.failure}`);
      return outcome;
    } finally {
      answered.abort();
    }
  }
}
