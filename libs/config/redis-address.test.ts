import { redisAddressOf } from './redis-address.js';

it.each([
  ['redis://127.0.0.1', { host: '127.0.0.1', port: 6379, db: 0 }],
  ['redis://:p%40ss@redis.example:7000/3', { host: 'redis.example', port: 7000, db: 3, password: 'p@ss' }],
  [
    'rediss://user:secret@[::1]:6380/',
    { host: '::1', port: 6380, db: 0, username: 'user', password: 'secret', tls: {} },
  ],
])('takes %s apart', (text, parts) => {
  expect(redisAddressOf(new URL(text))).toEqual(parts);
});
