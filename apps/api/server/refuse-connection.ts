import { type ServerResponse } from 'node:http';
import { type Socket } from 'node:net';

const STATUS_LINES: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

const answers = new WeakMap<Socket, ServerResponse>();

/** Notes whose turn it is on a connection. */
export function beginAnswer(response: ServerResponse): void {
  if (response.socket !== null) answers.set(response.socket, response);
}

/** What is not HTTP gets one answer, and the connection ends: the rest of it must not be taken for another request. */
export function refuseNonsense(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET') socket.destroy();
  else refuseConnection(socket, STATUS_LINES[error.code ?? ''] ?? '400 Bad Request');
}

/** Says so once, and hangs up; in the middle of an answer only the latter, or it would be taken for a part of the file. */
export function refuseConnection(socket: Socket, statusLine: string): void {
  if (socket.writableEnded) return;
  const answer = answers.get(socket);
  if (answer?.headersSent === true && !answer.writableEnded) socket.destroy();
  else socket.end(`HTTP/1.1 ${statusLine}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy());
}
