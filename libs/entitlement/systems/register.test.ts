import { Secret } from '#libs/config/secret.js';
import { actor } from '#libs/kernel/actor.js';
import { systemId } from '#libs/kernel/ids.js';
import { fixedClock } from '#libs/kernel/testing/fixed-clock.js';

import { AddSystem, type NewSystem } from './add-system.js';
import { CredentialKeys } from '../credential-keys.js';
import { ListSystems } from './list-systems.js';
import { RegisterAuthority } from '../authority/register-authority.js';
import { RevokeSystem } from './revoke-system.js';
import { InMemorySystemStore } from '../testing/in-memory-system-store.js';
import { credentialsOf } from '../testing/scripted-authority.js';

const act = { actor: actor('cli') };
const keys = new CredentialKeys(new Secret(Buffer.alloc(32, 1)));

function make() {
  const store = new InMemorySystemStore();
  const clock = fixedClock('2026-03-10T00:00:00Z');
  const add = (system: Partial<NewSystem> = {}) =>
    new AddSystem(store, keys, clock).run({ id: systemId('one'), edition: 'community', ...system }, act);
  const authority = new RegisterAuthority(store, keys, clock);
  const ask = (secret: string, id = 'one', edition: 'community' | 'enterprise' = 'community') =>
    authority.ask(credentialsOf(id, secret, edition));
  const list = (withKeys = keys) => new ListSystems(store, withKeys, clock).run();
  return { store, clock, add, ask, list };
}

describe('the built-in register of systems', () => {
  it('makes a secret of 256 bits, hands it out once and keeps it nowhere', async () => {
    const { store, add, ask, list } = make();
    const { secret = '', system } = await add();
    expect(secret).toMatch(/^[\w-]{43}$/);
    expect(await list()).toEqual([{ ...system, state: 'good' }]);
    expect(JSON.stringify(await store.find(system.id, 'community'))).not.toContain(secret);
    expect(await ask(secret)).toEqual({ kind: 'entitled', until: undefined });
  });

  it('takes the secret of the operator, and does not say it back', async () => {
    const { add, ask } = make();
    expect((await add({ secret: 's:é' })).secret).toBeUndefined();
    expect(await ask('s:é')).toMatchObject({ kind: 'entitled' });
  });

  it.each([
    ['another secret', 'good ', 'one', 'community'],
    ['another case', 'GOOD', 'one', 'community'],
    ['another system', 'good', 'two', 'community'],
    ['another edition', 'good', 'one', 'enterprise'],
  ] as const)('refuses %s (T-102, T-103)', async (_, secret, id, edition) => {
    const { add, ask } = make();
    await add({ secret: 'good' });
    expect(await ask(secret, id, edition)).toEqual({ kind: 'refused' });
  });

  it('does not take the hash of one system for another: it covers id and edition', async () => {
    const { store, add, ask } = make();
    await add({ secret: 'good' });
    const one = await store.find(systemId('one'), 'community');
    if (one !== undefined) await store.add({ ...one, id: systemId('two') }, act);
    expect(await ask('good', 'two')).toEqual({ kind: 'refused' });
  });

  it('refuses from the end of the subscription on', async () => {
    const { clock, add, ask } = make();
    const validUntil = new Date('2026-03-11T00:00:00Z');
    await add({ secret: 'good', validUntil });
    expect(await ask('good')).toEqual({ kind: 'entitled', until: validUntil });
    clock.set(validUntil);
    expect(await ask('good')).toEqual({ kind: 'refused' });
  });

  it('gives a registered system another secret, which leaves the end of its subscription as it is', async () => {
    const { add, ask } = make();
    const validUntil = new Date('2026-03-11T00:00:00Z');
    await add({ secret: 'old', validUntil });
    await add({ secret: 'kept', edition: 'enterprise' });
    await add({ secret: 'new', replace: true });
    expect(await ask('old')).toEqual({ kind: 'refused' });
    expect(await ask('new')).toEqual({ kind: 'entitled', until: validUntil });
    expect(await ask('kept', 'one', 'enterprise')).toMatchObject({ kind: 'entitled' });
  });

  it('refuses who was revoked', async () => {
    const { store, clock, add, ask } = make();
    await add({ secret: 'good' });
    await new RevokeSystem(store, clock).run(systemId('one'), act);
    expect(await ask('good')).toEqual({ kind: 'refused' });
  });

  it('says what the next request of each comes to', async () => {
    const { store, clock, add, list } = make();
    const validUntil = new Date('2026-03-11T00:00:00Z');
    await add({ id: systemId('a') });
    await add({ id: systemId('b'), validUntil });
    await add({ id: systemId('c') });
    await new RevokeSystem(store, clock).run(systemId('c'), act);
    const states = async (withKeys = keys) => (await list(withKeys)).map(({ state }) => state);
    expect(await states()).toEqual(['good', 'good', 'revoked']);
    clock.set(validUntil);
    expect(await states()).toEqual(['good', 'expired', 'revoked']);
    const others = new CredentialKeys(new Secret(Buffer.alloc(32, 2)));
    expect(await states(others)).toEqual(['key-changed', 'expired', 'revoked']);
    expect(JSON.stringify(await list())).not.toContain('secretHash');
  });

  it.each([
    ['the empty secret', { secret: '' }, 'INVALID_SECRET'],
    ['a line end in a secret', { secret: 'good\n' }, 'INVALID_SECRET'],
    ['513 bytes', { secret: 'x'.repeat(513) }, 'INVALID_SECRET'],
    ['an end that has passed', { validUntil: new Date('2026-03-10T00:00:00Z') }, 'INVALID_VALID_UNTIL'],
  ])('does not take %s', async (_, system, code) => {
    const { store, add } = make();
    await expect(add(system)).rejects.toMatchObject({ code });
    expect(await store.list()).toEqual([]);
  });

  it('gives no answer, rather than a refusal of everybody, when APP_KEY has changed', async () => {
    const { store, clock, add } = make();
    await add({ secret: 'good' });
    const other = new RegisterAuthority(store, new CredentialKeys(new Secret(Buffer.alloc(32, 2))), clock);
    expect(await other.ask(credentialsOf('one', 'good', 'community'))).toMatchObject({ kind: 'unknown' });
    await new RevokeSystem(store, clock).run(systemId('one'), act);
    expect(await other.ask(credentialsOf('one', 'good', 'community'))).toEqual({ kind: 'refused' });
  });

  it('gives no answer when the database gives none', async () => {
    const broken = { find: () => Promise.reject(new Error('down')) } as never;
    const authority = new RegisterAuthority(broken, keys, fixedClock('2026-03-10T00:00:00Z'));
    expect(await authority.ask(credentialsOf('one'))).toMatchObject({ kind: 'unknown', about: 'authority' });
  });
});
