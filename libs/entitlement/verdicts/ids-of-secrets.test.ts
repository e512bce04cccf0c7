import { type SharedSecretKey, type VerdictKey } from '../credential-keys.js';
import { IdsOfSecrets } from './ids-of-secrets.js';

const secret = 'paid' as SharedSecretKey;
const id = (number: number) => `id-${String(number)}` as VerdictKey;

function full(until: number): IdsOfSecrets {
  const ids = new IdsOfSecrets();
  for (let number = 0; number < 100; number += 1) expect(ids.admits(secret, id(number), until, 0)).toBe(true);
  return ids;
}

describe('IdsOfSecrets (T-117)', () => {
  it('admits a hundred ids of a secret and no more, and each of them again', () => {
    const ids = full(50);
    expect([ids.admits(secret, id(100), 50, 0), ids.admits(secret, id(7), 60, 0)]).toEqual([false, true]);
  });

  it('does not count one secret against another', () => {
    expect(full(50).admits('other' as SharedSecretKey, id(100), 50, 0)).toBe(true);
  });

  it('has room again when what was kept is over', () => {
    const ids = full(50);
    ids.admits(secret, id(7), 60, 0);
    expect([ids.admits(secret, id(100), 99, 49), ids.admits(secret, id(100), 99, 50)]).toEqual([false, true]);
    for (let number = 101; number < 199; number += 1) expect(ids.admits(secret, id(number), 99, 50)).toBe(true);
    expect(ids.admits(secret, id(199), 99, 50)).toBe(false);
  });
});
