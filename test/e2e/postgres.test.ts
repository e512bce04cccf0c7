import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { until } from '#libs/kernel/testing/until.js';
import { PostgresServer } from '#libs/persistence/testing/postgres-server.js';

import { Parceler } from '../support/parceler.js';

jest.setTimeout(120_000);

const SECRET = 'canary-of-the-box';
const CREDENTIALS = { Authorization: `Basic ${Buffer.from(`box:${SECRET}`).toString('base64')}` };

interface SnapshotView {
  readonly id: string;
  readonly served: boolean;
}

describe('Parceler with its database on PostgreSQL', () => {
  let server: PostgresServer;
  let name: string;
  let parceler: Parceler;

  beforeAll(async () => {
    server = await PostgresServer.start();
    name = await server.create();
    parceler = await Parceler.create({ DB_CONNECTION: 'postgres', DATABASE_URL: server.url(name, 'guarded:right') });
    await server.query(`alter database ${name} owner to guarded`);
  }, 30_000);
  afterAll(async () => {
    await parceler.dispose();
    await server.remove();
  });

  const upstream = (content: string) => writeFileSync(join(parceler.folder, 'upstream'), content);
  const sync = () => parceler.must('repository:sync', 'feed', '--wait');
  const snapshots = () => parceler.json<readonly SnapshotView[]>('repository:snapshots', 'feed');
  const get = async (): Promise<string> => {
    const answer = await fetch(`${parceler.origin}/repository/community/feed/a.bin`, { headers: CREDENTIALS });
    return answer.ok ? answer.text() : String(answer.status);
  };
  /** As every process sees it within a second. */
  const serves = (content: string) => until(async () => (await get()) === content, 1);

  it('is made by the first command, which says where', () => {
    const { status, stderr } = parceler.run(['migrate']);
    expect(status).toBe(0);
    const place = `the database "${name}" at 127.0.0.1:${String(server.port)}`;
    expect(stderr).toContain(`There was no installation yet: ${place} is new.`);
    expect(parceler.must('migrate')).toContain('The database schema is up to date.');
  });

  it('syncs, serves, freezes and deletes', async () => {
    const command = `cat "${parceler.folder}/upstream" > "$SOURCE_DIR/a.bin"`;
    upstream('one');
    parceler.must('repository:create', '--name', 'feed', '--delay', '0', '--no-sync', '--command', command);
    parceler.run(['system:add', 'box', '--edition', 'community', '--secret-stdin'], { input: SECRET });
    await parceler.serve();
    sync();
    await serves('one');
    upstream('two');
    sync();
    await serves('two');
    const [first] = snapshots().toSorted((one, other) => (one.id < other.id ? -1 : 1));
    parceler.must('repository:freeze', 'feed', String(first?.id));
    await serves('one');
    parceler.must('repository:unfreeze', 'feed');
    await serves('two');
    const newest = snapshots().find(({ served }) => served);
    parceler.must('snapshot:delete', 'feed', String(newest?.id), '--force');
    await serves('one');
  });

  it('goes on being served while the server restarts, and goes on with everything afterwards (I-24)', async () => {
    await server.stop('immediate');
    expect(await get()).toBe('one');
    expect(parceler.run(['repository:list']).stderr).toMatch(/^error: The database .* cannot be reached\./);
    expect((await fetch(`${parceler.origin}/health/ready`)).status).toBe(503);
    expect(await get()).toBe('one');
    await server.start();
    await until(async () => (await fetch(`${parceler.origin}/health/ready`)).ok);
    upstream('three');
    sync();
    await serves('three');
  });

  it('is found in order, and its password is shown nowhere (I-20)', () => {
    expect(parceler.must('doctor')).not.toContain('problem');
    const shown = parceler.must('config:check');
    expect(shown).toMatch(/DB_CONNECTION +postgres/);
    expect(shown + parceler.output).not.toContain('right');
    expect(parceler.output).not.toContain('Warning'); // of Node or the driver
  });

  it('ends in good order, and starts again with what there was', async () => {
    await parceler.stopAll();
    await parceler.serve();
    await serves('three');
  });
});
