import { createServer } from 'node:http';
import { type AddressInfo } from 'node:net';

/** As little as `node:http` can do: fixed answers from memory. No server on Node is faster, so this is the measure. */
const ANSWERS: Readonly<Record<string, Buffer>> = {
  '/hello': Buffer.from('hello'),
  '/small': Buffer.alloc(4 * 1024, 'x'),
  '/medium': Buffer.alloc(100 * 1024, 'x'),
};
const NOTHING = Buffer.alloc(0);

const server = createServer((request, response) => {
  const body = ANSWERS[request.url ?? ''] ?? NOTHING;
  response.writeHead(body === NOTHING ? 404 : 200, {
    'content-type': 'application/octet-stream',
    'content-length': body.length,
  });
  response.end(body);
});
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));

const end = (): never => process.exit();
process.once('SIGTERM', end).once('disconnect', end);
