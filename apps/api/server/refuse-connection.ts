import { type Socket } from 'node:net';

const STATUS_LINES: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

/** What is not HTTP gets one answer, and the connection ends: the rest of it must not be taken for another request. */
export function refuseNonsense(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET') socket.destroy();
  else refuseConnection(socket, STATUS_LINES[error.code ?? ''] ?? '400 Bad Request');
}

/** Says so once, and hangs up. */
export function refuseConnection(socket: Socket, statusLine: string): void {
  if (socket.writableEnded) return;
  socket.end(`HTTP/1.1 ${statusLine}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy());
}
