import { randomUUID } from 'node:crypto';

import { Client, type ClientConfig } from 'pg';

const CHANNEL = 'parceler_changes';

const STILL_HEARING = 'select 1 as hearing';

/** Twice as long, and a moment, is the longest that a commit of another process is not noticed. */
const ASK_EVERY = 400; // ms

interface Wiring {
  readonly config: ClientConfig;
  /** Makes a new connection ready for use. */
  readonly greet: (client: Client) => Promise<void>;
  /** Whether the server answers by another way. */
  readonly probe: () => Promise<unknown>;
}

/**
 * Counts what any process commits. Who commits notifies the others; a connection of its own listens here.
 *
 * That connection is asked again and again whether it still hears. As long as it does not, commits are counted on
 * suspicion: once for each probe that gets through to the server by another way. When none does there is nothing newer to
 * be had, and what is known goes on to count (trust I-24).
 */
export class ChangeListener {
  private count = 1;
  private client: Client | undefined;
  private isHearing = false;
  private isConnecting = false;
  private isProbing = false;
  private isClosed = false;
  private readonly own = randomUUID();
  private readonly timer: NodeJS.Timeout;

  private constructor(private readonly wiring: Wiring) {
    this.timer = setInterval(() => this.ask(), ASK_EVERY);
  }

  static async start(wiring: Wiring): Promise<ChangeListener> {
    const listener = new ChangeListener(wiring);
    try {
      await listener.connect();
      return listener;
    } catch (error) {
      await listener.close();
      throw error;
    }
  }

  /** Part of each transaction that changes something. */
  get announcement(): string {
    return `notify ${CHANNEL}, '${this.own}'`;
  }

  /** Differs whenever anything was committed; costs nothing. */
  get version(): number {
    return this.count;
  }

  /** For what this process has committed itself. */
  countOne(): void {
    this.count += 1;
  }

  async close(): Promise<void> {
    this.isClosed = true;
    clearInterval(this.timer);
    await this.client?.end().catch(() => undefined);
  }

  private ask(): void {
    if (!this.isHearing) this.suspect();
    if (this.client === undefined) {
      void this.connect().catch(() => undefined); // the next time again
      return;
    }
    if (!this.isHearing) return; // not answered yet
    this.isHearing = false;
    const { client } = this;
    client.query(STILL_HEARING).then(
      () => (this.isHearing = this.client === client),
      () => undefined, // its end is told by itself
    );
  }

  private suspect(): void {
    if (this.isProbing) return;
    this.isProbing = true;
    void this.wiring
      .probe()
      .then(
        () => this.countOne(),
        () => undefined,
      )
      .finally(() => (this.isProbing = false));
  }

  private async connect(): Promise<void> {
    if (this.isConnecting) return;
    this.isConnecting = true;
    const client = new Client(this.wiring.config);
    client.on('error', () => this.lose(client));
    client.on('end', () => this.lose(client));
    client.on('notification', ({ payload }) => {
      if (payload !== this.own) this.countOne();
    });
    try {
      await client.connect();
      await this.wiring.greet(client);
      await client.query(`listen ${CHANNEL}`);
      if (this.isClosed) throw new Error('closed meanwhile');
      this.client = client;
      this.isHearing = true;
      this.countOne(); // for whatever happened before
    } catch (error) {
      void client.end().catch(() => undefined);
      throw error;
    } finally {
      this.isConnecting = false;
    }
  }

  private lose(client: Client): void {
    if (this.client !== client) return;
    this.client = undefined;
    this.isHearing = false;
    this.suspect();
  }
}
