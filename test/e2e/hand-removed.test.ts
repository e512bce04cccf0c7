import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { until } from '#libs/kernel/testing/until.js';

import { Parceler } from '../support/parceler.js';
import { PlainUpstream } from '../support/plain-upstream.js';

jest.setTimeout(180_000);

/** An operator's tools are followed so soon (product.md §4). */
const A_MINUTE = 60;
/** Longer than it takes the worker to look at the disk again. */
const LONG_ENOUGH = 25_000;

interface SnapshotRow {
  readonly id: string;
  readonly state: string;
  readonly served: boolean;
}

/** Six snapshots, each with its own `package`, of which the oldest is served; a client that never stops asking. */
describe('what operators remove from the disk with its own tools (T-38)', () => {
  const VERSIONS = ['one', 'two', 'three', 'four', 'five', 'six'];
  const upstream = new PlainUpstream();
  const answers = new Set<string>();
  let parceler: Parceler;
  let authorization: string;
  let asking: Promise<void>;
  let stopped = false;

  beforeAll(async () => {
    parceler = await Parceler.create();
    parceler.must('repository:create', '--name', 'feed', '--command', upstream.command, '--no-sync');
    const secret = parceler.must('system:add', 'box', '--edition', 'community').trim().split('\n').at(-1) ?? '';
    authorization = `Basic ${Buffer.from(`box:${secret}`).toString('base64')}`;
    await parceler.serve({ only: 'api,worker' });
    upstream.write('lasting', 'in every version');
    for (const [index, version] of VERSIONS.entries()) {
      upstream.write('package', version.padEnd(10 + index)); // rsync looks at sizes
      parceler.must('repository:sync', 'feed', '--wait');
    }
    asking = ask();
  });
  afterAll(async () => {
    stopped = true;
    await asking;
    await parceler.dispose();
    upstream.dispose();
  });

  const disk = (...names: readonly string[]): string => join(parceler.storage, 'disk', ...names);
  const snapshots = (): readonly SnapshotRow[] => parceler.json<SnapshotRow[]>('repository:snapshots', 'feed');
  const servedId = (): string => snapshots().find(({ served }) => served)?.id ?? '';
  const blobOf = (path: string): string => {
    const files = parceler.json<{ path: string; sha256: string }[]>('repository:files', 'feed');
    const hash = files.find((file) => file.path === path)?.sha256 ?? '';
    return disk('blobs', hash.slice(0, 2), hash);
  };

  async function get(path: string): Promise<string> {
    const answer = await fetch(`${parceler.origin}/repository/community/feed/${path}`, { headers: { authorization } });
    const body = (await answer.text()).trim();
    return answer.ok ? `${String(answer.status)} ${body}` : String(answer.status);
  }

  async function ask(): Promise<void> {
    while (!stopped) {
      answers.add(await get('package').catch(String));
      await pause(10);
    }
  }

  /** All answers to the client from now on, until the one that is waited for. */
  async function answersUntil(awaited: string): Promise<readonly string[]> {
    answers.clear();
    await until(() => answers.has(awaited), A_MINUTE);
    return [...answers];
  }

  it('a snapshot: the next one takes over, and nobody notices', async () => {
    expect(await get('package')).toBe('200 one');
    const removed = servedId();
    rmSync(disk('snapshots/feed', removed), { recursive: true });
    expect(await answersUntil('200 two')).toEqual(['200 one', '200 two']);
    expect(snapshots().map(({ id }) => id)).not.toContain(removed);
  });

  it('the half of a snapshot: what is left of it goes too', async () => {
    const removed = servedId();
    writeFileSync(disk('snapshots/feed', removed, 'left-over'), '');
    rmSync(disk('snapshots/feed', removed, 'manifest.jsonl.gz'));
    expect(await answersUntil('200 three')).toEqual(['200 two', '200 three']);
    await until(() => !readdirSync(disk('snapshots/feed')).includes(removed), A_MINUTE);
  });

  it('a content that the source still has: it is brought back', async () => {
    const blob = blobOf('lasting');
    rmSync(blob);
    await until(async () => (await get('lasting')) === '200 in every version', A_MINUTE);
    expect(await get('package')).toBe('200 three');
  });

  it('a content that nobody has any more: its snapshot is damaged, the next one takes over', async () => {
    const damaged = servedId();
    rmSync(blobOf('package'));
    const seen = await answersUntil('200 four');
    // Until the damage is known there is no right answer; the client is told to come back.
    expect(seen.filter((answer) => !['200 three', '503', '200 four'].includes(answer))).toEqual([]);
    expect(snapshots().find(({ id }) => id === damaged)).toMatchObject({ state: 'damaged', served: false });
  });

  it('the marker of the disk: what is missing then was not removed', async () => {
    const before = snapshots();
    renameSync(disk('.parceler-disk'), join(parceler.folder, 'marker'));
    renameSync(disk('snapshots/feed', servedId()), join(parceler.folder, 'snapshot'));
    await pause(LONG_ENOUGH);
    expect(snapshots()).toEqual(before);
    expect(await get('package')).toBe('200 four');
    renameSync(join(parceler.folder, 'snapshot'), disk('snapshots/feed', servedId()));
    renameSync(join(parceler.folder, 'marker'), disk('.parceler-disk'));
  });

  it('the whole disk, as when it is not mounted: nothing is deleted, and it is all there again', async () => {
    const before = snapshots();
    renameSync(disk(), join(parceler.folder, 'away'));
    mkdirSync(disk());
    answers.clear();
    await pause(LONG_ENOUGH);
    expect([...answers].filter((answer) => !['200 four', '503'].includes(answer))).toEqual([]);
    rmSync(disk(), { recursive: true });
    renameSync(join(parceler.folder, 'away'), disk());
    await until(async () => (await get('package')) === '200 four', A_MINUTE);
    expect(snapshots()).toEqual(before);
  });

  it('the whole disk, while nothing runs: no program takes the empty folder for it', async () => {
    const before = snapshots();
    stopped = true;
    await asking;
    await parceler.stopAll();
    renameSync(disk(), join(parceler.folder, 'away'));
    mkdirSync(disk());
    parceler.must('repository:sync', 'feed');
    parceler.must('queue:work', '--once');
    expect(parceler.json<{ errorCode: string }[]>('run:list')[0]).toMatchObject({ errorCode: 'DISK_NOT_MARKED' });
    const doctor = parceler.run(['doctor', '--json']);
    expect(doctor.status).toBe(7);
    const wayOut = expect.stringMatching(/mounted, put back .*\.parceler-disk, which holds \{"id": ".+"\}/) as string;
    const findings = (JSON.parse(doctor.stdout) as { about: string; finding: string }[]).filter(
      ({ about, finding }) => about === 'disk' || finding.includes('manifest'),
    );
    expect(findings).toMatchObject([{ severity: 'problem', about: 'disk', wayOut }]);
    const without = await parceler.serve({ only: 'scheduler,worker' });
    await until(() => parceler.output.includes('disk is not mounted'));
    await parceler.stop(without);
    expect(readdirSync(disk())).toEqual([]);
    rmSync(disk(), { recursive: true });
    renameSync(join(parceler.folder, 'away'), disk());
    expect(snapshots()).toEqual(before);
    await parceler.serve({ only: 'api' });
    expect(await get('package')).toBe('200 four');
  });
});
