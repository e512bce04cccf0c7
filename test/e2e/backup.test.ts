import { cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { Parceler } from '../support/parceler.js';
import { PlainUpstream } from '../support/plain-upstream.js';

jest.setTimeout(120_000); // real processes, one after the other

describe('backup and restore', () => {
  const upstream = new PlainUpstream();
  let parceler: Parceler;
  let backup: string;

  beforeAll(async () => {
    parceler = await Parceler.create();
    backup = join(parceler.folder, 'backup');
    parceler.must('repository:create', '--name', 'feed', '--command', upstream.command, '--delay', '0', '--no-sync');
    parceler.run(['system:add', 'box', '--edition', 'community', '--secret-stdin'], { input: 'open sesame' });
    await parceler.serve();
    for (const version of ['one', 'two']) {
      upstream.write('package', version);
      parceler.must('repository:sync', 'feed', '--wait');
    }
    expect(parceler.must('backup', backup)).toMatch(
      /^Backed up 1 repository and 2 snapshots to .*, and read them again\./,
    );
  });
  afterAll(async () => {
    await parceler.dispose();
    upstream.dispose();
  });

  /** Another machine, with what a backup of its disk brought over. */
  async function elsewhere(): Promise<Parceler> {
    const other = await Parceler.create();
    for (const part of ['.parceler-disk', 'blobs']) {
      cpSync(join(parceler.storage, 'disk', part), join(other.storage, 'disk', part), { recursive: true });
    }
    return other;
  }

  const served = async (of: Parceler): Promise<string> => {
    const authorization = `Basic ${Buffer.from('box:open sesame').toString('base64')}`;
    const answer = await fetch(`${of.origin}/repository/community/feed/package`, { headers: { authorization } });
    return `${String(answer.status)} ${await answer.text()}`;
  };
  const snapshots = (of: Parceler) => of.json<{ id: string }[]>('repository:snapshots', 'feed');

  it('writes what only its owner and his group may read', () => {
    expect(readdirSync(backup).sort()).toEqual(['app.key', 'backup.json', 'parceler.sqlite', 'snapshots']);
    expect(statSync(join(backup, 'app.key')).mode & 0o777).toBe(0o600);
    expect(statSync(join(backup, 'parceler.sqlite')).mode & 0o007).toBe(0);
    expect(parceler.run(['backup', backup])).toMatchObject({ status: 4 });
  });

  it('is put back on another machine, which then serves the same to the same systems', async () => {
    const other = await elsewhere();
    expect(other.must('restore', backup)).toMatch(/^Restored 1 repository and 2 snapshots as of /);
    expect(snapshots(other)).toEqual(snapshots(parceler));
    expect(other.run(['doctor']).stdout).toContain('Nothing wrong was found.');
    await other.serve();
    expect(await served(other)).toBe('200 two');
    upstream.write('package', 'three');
    other.must('repository:sync', 'feed', '--wait');
    expect(await served(other)).toBe('200 three');
    await other.dispose();
  });

  it('is no different from an index that is made anew from the disk', async () => {
    const other = await elsewhere();
    other.must('restore', backup);
    const { status, stdout, stderr } = other.run(['doctor', '--rebuild']);
    expect([status, stdout]).toEqual([0, 'Nothing wrong was found.\n']);
    expect(stderr).toContain('feed: indexed 2 snapshots anew');
    expect(snapshots(other)).toEqual(snapshots(parceler));
    expect(other.must('repository:files', 'feed')).toBe(parceler.must('repository:files', 'feed'));
    await other.dispose();
  });

  it('says which content is missing, and serves none of it', async () => {
    const other = await elsewhere();
    rmSync(join(other.storage, 'disk', 'blobs'), { recursive: true });
    const { status, stderr } = other.run(['restore', backup]);
    expect([status, stderr.match(/content of snapshot/g)?.length]).toEqual([7, 2]);
    await other.dispose();
  });

  it('replaces nothing unless it is told to, and keeps what it replaces', async () => {
    const other = await elsewhere();
    other.must('repository:create', '--name', 'mine', '--command', 'true', '--no-sync');
    expect(other.run(['restore', backup])).toMatchObject({
      status: 4,
      stderr: expect.stringContaining('(RESTORE_OVERWRITES)') as string,
    });
    expect(other.json<{ name: string }[]>('repository:list').map(({ name }) => name)).toEqual(['mine']);
    const [, kept = ''] = /kept in (.*)\.\n/.exec(other.must('restore', backup, '--force')) ?? [];
    expect(other.json<{ name: string }[]>('repository:list').map(({ name }) => name)).toEqual(['feed']);
    const previous = other.run(['repository:list', '--json'], { env: { DB_DATABASE: kept } });
    expect((JSON.parse(previous.stdout) as { name: string }[]).map(({ name }) => name)).toEqual(['mine']);
    await other.dispose();
  });

  it.each<[string, (folder: string) => void, string]>([
    ['was cut short', (folder) => rmSync(join(folder, 'backup.json')), 'NOT_A_BACKUP'],
    ['is something else', (folder) => writeFileSync(join(folder, 'backup.json'), '{}'), 'NOT_A_BACKUP'],
    [
      'has another bit in its database',
      (folder) => {
        const file = join(folder, 'parceler.sqlite');
        const bytes = readFileSync(file);
        bytes[4_711] = (bytes[4_711] ?? 0) ^ 1;
        writeFileSync(file, bytes);
      },
      'BACKUP_DAMAGED',
    ],
    [
      'has lost a manifest',
      (folder) => {
        const [id = ''] = readdirSync(join(folder, 'snapshots', 'feed'));
        rmSync(join(folder, 'snapshots', 'feed', id), { recursive: true });
      },
      'BACKUP_DAMAGED',
    ],
  ])('is refused when it %s, and then nothing changes', async (_, spoil, code) => {
    const other = await elsewhere();
    const copy = join(other.folder, 'copy');
    cpSync(backup, copy, { recursive: true });
    spoil(copy);
    expect(other.run(['restore', copy]).stderr).toContain(`(${code})`);
    expect(other.json('repository:list')).toEqual([]);
    expect(existsSync(join(other.storage, 'disk', 'snapshots', 'feed'))).toBe(false);
    await other.dispose();
  });
});
