import { type Server } from 'node:http';
import { type Socket } from 'node:net';

interface Stall {
  readonly moved: number;
  readonly looks: number;
}

/**
 * Closes connections on which nothing has moved, in either direction, for `idleMs` (trust T-136).
 *
 * Node's own timeout is no good for that: when it is up, and less waits to be sent than was handed over at first, however
 * long ago that shrank, it starts once more, and a minute becomes two. So it is looked often, and the looks are counted.
 */
export function letGoOfStalled(server: Server, idleMs: number, looks = 12): void {
  const lookMs = idleMs / looks;
  const stalls = new WeakMap<Socket, Stall>();
  server.setTimeout(lookMs, (socket) => {
    const moved = socket.bytesRead + socket.bytesWritten;
    const before = stalls.get(socket);
    const stall = { moved, looks: before?.moved === moved ? before.looks + 1 : 1 };
    stalls.set(socket, stall);
    // Another time than ours is that of a connection kept alive, which is over.
    if (socket.timeout !== lookMs || stall.looks >= looks) socket.destroy();
    else socket.setTimeout(lookMs);
  });
}
