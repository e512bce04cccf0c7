import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** What becomes of a connection when a client says something. */
export type Fate = 'pass' | 'cut' | 'cut after the answer' | 'swallow the answer';

/** Stands between clients and a server of this machine, and makes trouble when it is told to. */
export class TcpProxy {
  private readonly pairs = new Set<readonly [Socket, Socket]>();
  private isSilent = false;

  private constructor(
    private readonly server: Server,
    private readonly judge: (said: string) => Fate,
  ) {}

  /** @param judge asked at each piece of bytes from a client, as Latin-1 */
  static async start(port: number, judge: (said: string) => Fate = () => 'pass'): Promise<TcpProxy> {
    const server = createServer();
    const proxy = new TcpProxy(server, judge);
    server.on('connection', (client) => proxy.join(client, connect(port, '127.0.0.1')));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Ends every connection that there is. */
  cut(): void {
    for (const pair of this.pairs) for (const socket of pair) socket.destroy();
    this.pairs.clear();
  }

  /** From now on nothing comes through, and nobody is told: as if the machine were gone. */
  silence(isSilent = true): void {
    this.isSilent = isSilent;
  }

  async close(): Promise<void> {
    this.cut();
    this.server.close();
    await once(this.server, 'close');
  }

  private join(client: Socket, server: Socket): void {
    const pair = [client, server] as const;
    this.pairs.add(pair);
    let fate: Fate = 'pass';
    const end = () => {
      for (const socket of pair) socket.destroy();
      this.pairs.delete(pair);
    };
    for (const socket of pair) socket.on('error', end).on('close', end);
    client.on('data', (bytes) => {
      if (this.isSilent) return;
      if (fate === 'pass') fate = this.judge(bytes.toString('latin1'));
      if (fate === 'cut') end();
      else server.write(bytes);
    });
    server.on('data', (bytes) => {
      if (this.isSilent || fate === 'swallow the answer') return;
      if (fate === 'cut after the answer') end();
      else client.write(bytes);
    });
  }
}
