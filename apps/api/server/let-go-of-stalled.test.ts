import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';

import { MINUTE, SECOND } from '#libs/kernel/duration.js';

import { open } from '../testing/raw-http.js';
import { letGoOfStalled } from './let-go-of-stalled.js';

/** What Node shows of a connection when nothing has happened on it for its `timeout`. */
const arranged = () => {
  const socket = {
    bytesRead: 100,
    bytesWritten: 5_000_000,
    timeout: 5 * SECOND,
    destroyed: false,
    destroy: () => void (socket.destroyed = true),
    setTimeout: (ms: number) => void (socket.timeout = ms),
  };
  return socket;
};

describe('letGoOfStalled (T-136)', () => {
  let server: Server;
  beforeEach(() => {
    server = createServer();
    letGoOfStalled(server, MINUTE);
  });

  it('looks every five seconds, and closes what has not moved for a minute', () => {
    expect(server.timeout).toBe(5 * SECOND);
    const socket = arranged();
    for (let look = 1; look < 12; look += 1) server.emit('timeout', socket);
    expect([socket.destroyed, socket.timeout]).toEqual([false, 5 * SECOND]);
    server.emit('timeout', socket);
    expect(socket.destroyed).toBe(true);
  });

  it.each(['bytesRead', 'bytesWritten'] as const)('begins anew when %s has grown', (direction) => {
    const socket = arranged();
    for (let look = 0; look < 100; look += 1) {
      if (look % 11 === 0) socket[direction] += 1;
      server.emit('timeout', socket);
    }
    expect(socket.destroyed).toBe(false);
  });

  it('closes at once what was kept alive for another request in vain', () => {
    const socket = { ...arranged(), timeout: 75 * SECOND };
    const destroy = jest.spyOn(socket, 'destroy');
    server.emit('timeout', socket);
    expect(destroy).toHaveBeenCalledTimes(1);
  });

  it('closes a connection whose client has stopped to read', async () => {
    const real = createServer((_, response) => response.end(Buffer.alloc(50_000_000)));
    letGoOfStalled(real, 60, 3);
    await once(real.listen(0, '127.0.0.1'), 'listening');
    const accepted = once(real, 'connection');
    const client = await open((real.address() as AddressInfo).port);
    client.pause();
    client.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    const [connection] = (await accepted) as [NodeJS.EventEmitter];
    await once(connection, 'close');
    client.destroy();
    real.close();
  });
});
