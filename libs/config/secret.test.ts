import { format, inspect } from 'node:util';

import { Secret } from './secret.js';

const secret = new Secret('canary');

describe('a secret (I-20)', () => {
  it.each([
    ['as text', () => String(secret)],
    ['in a message', () => `the key is ${secret.toString()}`],
    ['added to a text', () => ['the key is', secret].join(' ')],
    ['as JSON', () => JSON.stringify({ deep: [{ secret }] })],
    ['looked at', () => inspect({ deep: { secret } }, { depth: 9, showHidden: true })],
    ['formatted', () => format('%s %o %O %j', secret, secret, secret, secret)],
    ['spread', () => JSON.stringify([Object.assign({}, secret), Object.entries(secret), Reflect.ownKeys(secret)])],
    ['in an error', () => inspect(new Error('wrong', { cause: { secret } }))],
  ])('does not tell what it is when it is printed %s', (_, print) => {
    expect(print()).not.toContain('canary');
  });

  it('says that there is one', () => {
    expect([String(secret), JSON.stringify(secret), inspect(secret)]).toEqual(['[secret]', '"[secret]"', '[secret]']);
  });

  it('is told to who asks', () => {
    expect(secret.reveal()).toBe('canary');
  });
});
