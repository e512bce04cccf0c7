import { setImmediate as turn } from 'node:timers/promises';

import { repositoryName, snapshotId, type RepositoryName } from '#libs/kernel/ids.js';
import { credentialsOf, DOWN, NO, ScriptedAuthority, YES } from '#libs/entitlement/testing/scripted-authority.js';
import { startCheck } from '#libs/entitlement/testing/check-under-test.js';
import { type Catalog, type FileDifference } from '#libs/snapshots/catalog/catalog.js';
import { type Repository } from '#libs/repositories/repository.js';
import { type ServedRepository } from '#libs/snapshots/served-snapshots.js';
import { type ListedFile, type Snapshot } from '#libs/snapshots/snapshot.js';
import { type Sha256 } from '#libs/storage/layout.js';

import { AnswerFileRequest } from './answer-file-request.js';
import { DeliverFile } from './deliver-file.js';
import { type FileTarget } from './request-target.js';

const debian = repositoryName('debian');
const sha256 = 'ab'.repeat(32) as Sha256;
const file = (path: string): ListedFile => ({ path, sha256, size: 1, mtimeMs: 0 });
const target = (changes: Partial<FileTarget> = {}): FileTarget => ({
  kind: 'file',
  edition: 'enterprise',
  repository: debian,
  path: 'a.deb',
  ...changes,
});

/** A catalog of `a.deb` in every snapshot, and of `new.deb` since the second, which counts what it is asked. */
class CountingCatalog implements Catalog {
  asked = 0;

  async find(_repository: RepositoryName, sequence: number, path: string): Promise<ListedFile | undefined> {
    this.asked += 1;
    return path === 'a.deb' || (path === 'new.deb' && sequence > 1) ? file(path) : undefined;
  }

  async *files(): AsyncIterable<ListedFile> {
    throw new Error('not for serving');
  }

  async *differences(): AsyncIterable<FileDifference> {
    throw new Error('not for serving');
  }
}

/** What the use cases look at of it. */
function offer(repositoryId: number, sequence: number): ServedRepository {
  const repository = { id: repositoryId, name: debian, editions: ['enterprise'] } as unknown as Repository;
  const snapshot = { id: snapshotId('20260310T000000Z'), sequence } as unknown as Snapshot;
  return { repository, served: { snapshot, reason: 'newest', passedOver: [], stale: false, lostFreeze: undefined } };
}

function make(authority = new ScriptedAuthority(YES)) {
  const catalog = new CountingCatalog();
  const state = { offer: offer(1, 1) };
  const limits = { foundBytes: 10_000, missing: 5 };
  const served = { get: (name: RepositoryName) => (name === debian ? state.offer : undefined) };
  const answer = new AnswerFileRequest(served, startCheck(authority).check, new DeliverFile(catalog, limits));
  const ask = async (changes: Partial<FileTarget> = {}) => answer.run(target(changes), credentialsOf('one'));
  return { authority, catalog, state, answer, ask };
}

describe('AnswerFileRequest', () => {
  it('delivers the file under the name of its content', async () => {
    const { ask } = make();
    expect(await ask()).toEqual({
      kind: 'deliver',
      delivery: {
        repository: debian,
        snapshot: { id: '20260310T000000Z', sequence: 1 },
        file: file('a.deb'),
        blob: `blobs/ab/${sha256}`,
        contentType: 'application/vnd.debian.binary-package',
      },
    });
  });

  it('answers without waiting when everything is in memory', async () => {
    const { ask, answer, catalog } = make();
    await ask();
    await ask();
    expect(answer.run(target(), credentialsOf('one'))).toMatchObject({ kind: 'deliver' });
    expect(catalog.asked).toBe(1);
  });

  it.each([
    ['a name no repository can have', { repository: undefined }],
    ['an unknown repository', { repository: repositoryName('other') }],
    ['an edition it is not offered to', { edition: 'community' as const }],
  ])('asks no authority about %s', async (_, changes) => {
    const { ask, authority } = make();
    expect(await ask(changes)).toEqual({ kind: 'not-found' });
    expect(authority.asked).toEqual([]);
  });

  it('says nothing about files to who may not have them (I-16)', async () => {
    const { ask, catalog } = make(new ScriptedAuthority(NO));
    expect([await ask(), await ask({ path: 'none' })]).toEqual([{ kind: 'refused' }, { kind: 'refused' }]);
    expect(catalog.asked).toBe(0);
  });

  it('says nothing about files while nobody knows who may have them', async () => {
    const { ask, catalog } = make(new ScriptedAuthority(DOWN));
    expect([(await ask()).kind, (await ask({ path: 'none' })).kind]).toEqual(['unknown', 'unknown']);
    expect(catalog.asked).toBe(0);
  });

  it.each(['', 'none', 'a.deb/', 'A.deb', 'a.deb/b', 'dir/'])('does not find %j', async (path) => {
    expect(await make().ask({ path })).toEqual({ kind: 'not-found' });
  });

  it('finds nothing before the first snapshot', async () => {
    const { ask, state } = make();
    state.offer = { ...state.offer, served: undefined };
    expect(await ask()).toEqual({ kind: 'not-found' });
  });

  it('follows the snapshot that is served, and a repository that takes the name of another', async () => {
    const { ask, state } = make();
    const kinds = async () => (await ask({ path: 'new.deb' })).kind;
    expect(await kinds()).toBe('not-found');
    state.offer = offer(1, 2);
    expect(await kinds()).toBe('deliver');
    state.offer = offer(1, 1);
    expect(await kinds()).toBe('not-found');
    state.offer = offer(2, 2);
    expect(await kinds()).toBe('deliver');
  });

  it('asks once for what does not exist, and lets guesses push nothing out (T-138)', async () => {
    const { ask, catalog } = make();
    await ask();
    await ask({ path: 'none' });
    await ask({ path: 'none' });
    expect(catalog.asked).toBe(2);
    for (let i = 0; i < 1_000; i += 1) await ask({ path: `guess-${String(i)}` });
    const before = catalog.asked;
    await ask();
    await turn();
    expect(catalog.asked).toBe(before);
  });
});
