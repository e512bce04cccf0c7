import { once } from 'node:events';
import { copyFileSync, mkdirSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

import { freePort } from '#libs/kernel/testing/free-port.js';
import { until } from '#libs/kernel/testing/until.js';
import { BetterSqlite3 } from '#libs/persistence/sqlite/driver.js';

import { type CommandResult, Parceler } from '../support/parceler.js';
import { PlainUpstream } from '../support/plain-upstream.js';
import { CAN_MOUNT, SmallVolume } from '../support/small-volume.js';
import { worldOf } from '../support/world.js';

jest.setTimeout(120_000);

/** With all of its programs, each would say the same. */
const SERVE = ['serve', '--only', 'api'];

/** One line on stderr, with a way out and the code; nothing on stdout. */
function expectRefusal(result: CommandResult, code: string, status: number, ...named: readonly string[]): void {
  expect(result).toEqual({ status, stdout: '', stderr: expect.stringMatching(/^error: [^\n]+[.?] \([A-Z_]+\)\n$/) });
  for (const name of [...named, `(${code})`]) expect(result.stderr).toContain(name);
}

/** A Parceler with a repository `feed` that serves the file `package`, and programs of it that run. */
class Served {
  readonly upstream = new PlainUpstream();

  private constructor(
    readonly parceler: Parceler,
    private readonly authorization: string,
  ) {}

  static async start(parceler: Parceler): Promise<Served> {
    const secret = parceler.must('system:add', 'box', '--edition', 'community').trim().split('\n').at(-1) ?? '';
    const served = new Served(parceler, `Basic ${Buffer.from(`box:${secret}`).toString('base64')}`);
    served.upstream.write('package', 'one');
    const command = ['--command', served.upstream.command, '--delay', '0'];
    parceler.must('repository:create', '--name', 'feed', '--no-sync', ...command);
    await parceler.serve({ only: 'api,worker' });
    parceler.must('repository:sync', 'feed', '--wait');
    return served;
  }

  async package(): Promise<string> {
    const address = `${this.parceler.origin}/repository/community/feed/package`;
    const answer = await fetch(address, { headers: { authorization: this.authorization } });
    return `${String(answer.status)} ${(await answer.text()).slice(0, 20)}`;
  }

  async dispose(): Promise<void> {
    await this.parceler.dispose();
    this.upstream.dispose();
  }
}

describe('a configuration that is wrong', () => {
  let parceler: Parceler;
  beforeAll(async () => {
    parceler = await Parceler.create();
    parceler.must('migrate');
    writeFileSync(join(parceler.folder, 'text'), 'This is no database.\n'.repeat(500));
    mkdirSync(join(parceler.folder, 'folder'));
    new BetterSqlite3(join(parceler.folder, 'foreign.sqlite')).exec('create table theirs (id integer)').close();
    copyFileSync(join(parceler.storage, 'parceler.sqlite'), join(parceler.folder, 'newer.sqlite'));
    new BetterSqlite3(join(parceler.folder, 'newer.sqlite'))
      .exec(`insert into migrations (timestamp, name) values (9999999999999, 'Future9999999999999')`)
      .close();
  });
  afterAll(() => parceler.dispose());

  const all = { PORT: 'eighty', SYNC_TIMEOUT: 'soon', APP_TIMEZONE: 'Mars/Olympus', CHECK_SHRINK: '2' };

  it.each([
    ['several mistakes, told at once', all, 'INVALID_CONFIGURATION', 2, Object.keys(all)],
    ['a choice that there is not', { DELIVERY: 'pigeon' }, 'INVALID_CONFIGURATION', 2, ['expected auto or']],
    ['a storage folder that is a file', { STORAGE_PATH: 'text' }, 'APP_KEY_NOT_KEPT', 6, ['/text/app.key']],
    ['a storage folder that cannot be made', { STORAGE_PATH: '/proc/a/b' }, 'APP_KEY_NOT_KEPT', 6, ['/proc/a/b']],
    ['a database folder that cannot be made', { DB_DATABASE: '/proc/a/b' }, 'DATABASE_NO_FOLDER', 6, ['/proc/a/b']],
    ['a database that is a folder', { DB_DATABASE: 'folder' }, 'DATABASE_NOT_A_FILE', 2, ['/folder']],
    ['a database that is a text', { DB_DATABASE: 'text' }, 'DATABASE_NOT_SQLITE', 6, ['/text']],
    ['a database of another program', { DB_DATABASE: 'foreign.sqlite' }, 'DATABASE_FOREIGN', 2, ['/foreign.sqlite']],
    ['a database of a newer version', { DB_DATABASE: 'newer.sqlite' }, 'DATABASE_NEWER', 4, ['Future9999999999999']],
  ])('%s: refused by commands and by serve', (_, env, code, status, named) => {
    const world = worldOf(parceler.storage);
    for (const command of [['repository:list'], SERVE]) {
      expectRefusal(parceler.run(command, { env }), code, status, ...named);
    }
    expect(worldOf(parceler.storage)).toEqual(world);
  });

  it('a disk folder that is a file', async () => {
    const other = await Parceler.create();
    mkdirSync(other.storage);
    writeFileSync(join(other.storage, 'disk'), '');
    for (const command of [['repository:list'], SERVE]) {
      expectRefusal(other.run(command), 'STORAGE_NOT_WRITABLE', 6, join(other.storage, 'disk'));
    }
    await other.dispose();
  });

  it('a port that is taken: neither worker nor scheduler begins with work meanwhile', async () => {
    const port = await freePort();
    const other = createServer().listen(port, '127.0.0.1');
    await once(other, 'listening');
    parceler.must('repository:create', '--name', 'feed', '--command', 'touch "$SOURCE_DIR/a"');
    const result = parceler.run(['serve'], { env: { PORT: String(port), LOG_LEVEL: 'info' } });
    other.close();
    expectRefusal(result, 'LISTEN_FAILED', 6, String(port), 'another program does already');
    expect(result.stdout).toBe('');
    expect(parceler.json('run:list')).toMatchObject([{ state: 'queued', attempt: 0 }]);
  });
});

describe('a database that goes wrong under running programs', () => {
  let served: Served;
  beforeAll(async () => {
    served = await Served.start(await Parceler.create());
  });
  afterAll(() => served.dispose());

  const database = (): string => join(served.parceler.storage, 'parceler.sqlite');

  it('refuses to write, and goes on reading and serving, while another process keeps it locked (T-81)', async () => {
    const { parceler } = served;
    const other = new BetterSqlite3(database());
    other.exec('begin exclusive');
    expect(parceler.run(['repository:list']).status).toBe(0);
    expect(await served.package()).toBe('200 one');
    const create = ['repository:create', '--name', 'late', '--command', 'true', '--no-sync'];
    expectRefusal(parceler.run(create), 'DATABASE_BUSY', 6, 'locked by another process');
    other.exec('rollback');
    other.close();
    expect(parceler.run(create).status).toBe(0);
  });

  const status = async (path: string): Promise<number | undefined> =>
    (await fetch(`${served.parceler.origin}${path}`).catch(() => undefined))?.status;

  it('goes on serving, but is not ready, when its file is gone; goes on with the one that is put there (T-83)', async () => {
    const { parceler } = served;
    const backup = join(parceler.folder, 'backup.sqlite');
    new BetterSqlite3(database()).exec(`vacuum into '${backup}'`).close();
    rmSync(database());
    await until(async () => (await status('/health/ready')) === 503, 5);
    expect(await served.package()).toBe('200 one');

    for (const end of ['-wal', '-shm']) rmSync(`${database()}${end}`);
    copyFileSync(backup, database());
    await until(async () => (await status('/health/ready')) === 200, 20);
    await until(() => parceler.output.includes('database was moved or replaced'));
    served.upstream.write('package', 'two');
    expect(parceler.run(['repository:sync', 'feed', '--wait'])).toMatchObject({ status: 0, stderr: '' });
    expect(await served.package()).toBe('200 two');
  });
});

if (!CAN_MOUNT) process.stderr.write('not run without root: the tests of volumes that are full or read-only\n');
else {
  describe('a volume that goes wrong under running programs', () => {
    let served: Served;
    let volume: SmallVolume;
    beforeAll(async () => {
      const parceler = await Parceler.create();
      volume = new SmallVolume(parceler.storage, 24);
      served = await Served.start(parceler);
    });
    afterAll(async () => {
      volume.unmount();
      await served.dispose();
    });

    const sync = (): CommandResult => served.parceler.run(['repository:sync', 'feed', '--wait']);
    const leftovers = (): readonly string[] =>
      ['staging', '.drafts'].flatMap((name) => readdirSync(join(volume.folder, 'disk', name)));

    it('has room for the source but not for the snapshot: nothing changes (T-22)', async () => {
      served.upstream.write('package', Buffer.alloc(12 * 1024 * 1024, 'two '));
      const { status, stderr } = sync();
      expect(status).toBe(7);
      expect(stderr).toMatch(
        /^warning: feed: run \d+ failed: Cannot write [^\n]+ the disk is full\. [^\n]+ \(DISK_FULL\)\n$/,
      );
      expect(leftovers()).toEqual([]);
      expect(await served.package()).toBe('200 one');
    });

    it('has no room for a row: the command is refused, what is served goes on (T-23)', async () => {
      const filler = join(volume.folder, 'filler');
      const { bavail, bsize } = statfsSync(volume.folder);
      writeFileSync(filler, Buffer.alloc(bavail * bsize));
      const create = ['repository:create', '--name', 'late', '--command', 'true', '--no-sync'];
      expectRefusal(served.parceler.run(create), 'DATABASE_FULL', 6, 'no space left');
      expect(await served.package()).toBe('200 one');
      const health = await fetch(`${served.parceler.origin}/health/ready`);
      expect([health.status, await health.json()]).toEqual([200, { status: 'ok', littleSpace: ['database', 'disk'] }]);
      rmSync(filler);
      expect(served.parceler.run(create).status).toBe(0);
    });

    it('has room again: the next sync is well, without a restart', async () => {
      volume.remount('size=64m');
      expect(sync()).toMatchObject({ status: 0, stderr: '' });
      expect(await served.package()).toBe('200 two two two two two ');
    });

    it('is read-only: commands and programs say so and name the place (T-30)', async () => {
      const { parceler } = served;
      await parceler.stopAll();
      volume.remount('ro');
      for (const command of [['repository:create', '--name', 'later', '--command', 'true'], SERVE]) {
        expectRefusal(parceler.run(command), 'DATABASE_NOT_WRITABLE', 6, volume.folder);
      }
      volume.remount('rw');
      await parceler.serve({ only: 'api' });
      expect(await served.package()).toBe('200 two two two two two ');
    });
  });
}
