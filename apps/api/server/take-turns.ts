import { type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { type Socket } from 'node:net';

/** Requests of one connection; apt sends up to ten ahead. */
const MAX_WAITING = 32;

/**
 * Begins with a request only when all before it on its connection are answered (trust T-135, T-136).
 *
 * Node hands out pipelined requests at once and keeps their answers until it is their turn; an answer whose turn never
 * comes is not even told that the connection is gone, so that whatever was opened for it would stay open for good.
 */
export function takeTurns(listener: RequestListener): RequestListener {
  const waiting = new WeakMap<Socket, number>();

  const wait = (request: IncomingMessage, response: ServerResponse): void => {
    const { socket } = request;
    const ahead = waiting.get(socket) ?? 0;
    if (ahead === MAX_WAITING) socket.destroy();
    if (socket.destroyed) return;
    waiting.set(socket, ahead + 1);
    const begin = (): void => {
      waiting.set(socket, (waiting.get(socket) ?? 1) - 1);
      if (!socket.destroyed) listener(request, response);
    };
    // Node gives a response its socket when its turn has come; it has more to do with both before they can be used.
    response.once('socket', () => process.nextTick(begin));
  };

  return (request, response) => {
    if (response.socket === null) wait(request, response);
    else listener(request, response);
  };
}
