import fc from 'fast-check';

import { Secret } from '#libs/config/secret.js';

import { CredentialKeys } from './credential-keys.js';
import { type SystemCredentials } from './entitlement.js';

const keys = new CredentialKeys(new Secret(Buffer.alloc(32, 7)));
const others = new CredentialKeys(new Secret(Buffer.alloc(32, 8)));

const text = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('', 'a', 'a:b', '1:a', '\0', 'É', 'E\u0301'));
const credentials: fc.Arbitrary<SystemCredentials> = fc.record({
  edition: fc.constantFrom('community', 'enterprise'),
  systemId: text as fc.Arbitrary<never>,
  secret: text,
});

describe('CredentialKeys', () => {
  it('gives two questions the same key only when they are the same question (T-115)', () => {
    fc.assert(
      fc.property(credentials, credentials, (one, other) => {
        const same = JSON.stringify(one) === JSON.stringify(other);
        expect(keys.verdict(one) === keys.verdict(other)).toBe(same);
      }),
      { numRuns: 20_000 },
    );
  });

  it.each([
    ['a:b', 'c', 'a', 'b:c'],
    ['a', '1:b', 'a1', ':b'],
    ['a\0', 'b', 'a', '\0b'],
    ['A', 'b', 'a', 'b'],
    ['e\u0301', 'b', 'é', 'b'],
  ])('tells (%j, %j) from (%j, %j)', (systemId, secret, otherId, otherSecret) => {
    const key = (id: string, word: string) =>
      keys.verdict({ edition: 'community', systemId: id as never, secret: word });
    expect(key(systemId, secret)).not.toBe(key(otherId, otherSecret));
  });

  it('says nothing to who has not the application key, and shows no secret (T-116)', () => {
    const one: SystemCredentials = { edition: 'community', systemId: 'a' as never, secret: 'canary' };
    expect(keys.verdict(one)).not.toBe(others.verdict(one));
    expect(keys.verdict(one)).toMatch(/^[\w-]{43}$/);
    const all = [keys.verdict(one), keys.secret(one), keys.system(one.systemId), keys.sharedSecret(one)];
    expect(new Set(all).size).toBe(4);
  });

  it('gives one secret of an edition one key, whoever presents it', () => {
    const key = (edition: SystemCredentials['edition'], id: string, secret: string) =>
      keys.sharedSecret({ edition, systemId: id as never, secret });
    expect(key('community', 'a', 'x')).toBe(key('community', 'b', 'x'));
    expect(key('community', 'a', 'x')).not.toBe(key('enterprise', 'a', 'x'));
    expect(key('community', 'a', 'x')).not.toBe(key('community', 'a', 'y'));
  });

  it('knows the hashes that were made with its own application key', () => {
    const hash = keys.secret({ edition: 'community', systemId: 'a' as never, secret: 'b' });
    expect([keys.madeWithThisKey(hash), others.madeWithThisKey(hash)]).toEqual([true, false]);
  });
});
