import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { objectKey } from '#libs/storage/object-key.js';

import { Parceler } from '../support/parceler.js';
import { PlainUpstream } from '../support/plain-upstream.js';
import { SharedServices } from '../support/shared-services.js';

jest.setTimeout(180_000); // real processes and servers

/** What docs/operations.md tells under "Several machines". */
describe('an installation that moves to several machines', () => {
  const upstream = new PlainUpstream();
  let services: SharedServices;
  let one: Parceler;
  let many: Parceler;
  beforeAll(async () => {
    services = await SharedServices.start();
    const { APP_KEY = '' } = services.environment;
    one = await Parceler.create({ APP_KEY });
    many = await Parceler.create(services.environment);
  });
  afterAll(async () => {
    await Promise.all([one.dispose(), many.dispose()]);
    await services.stop();
    upstream.dispose();
  });

  it('finds everything again on a PostgreSQL and in a bucket', async () => {
    one.must('repository:create', '--name', 'feed', '--command', upstream.command, '--delay', '7', '--no-sync');
    one.run(['system:add', 'box', '--edition', 'community', '--secret-stdin'], { input: 'open sesame' });
    for (const version of ['one', 'two']) {
      upstream.write('package', version);
      one.must('repository:sync', 'feed');
      one.must('queue:work', '--once');
    }
    one.must('repository:freeze', 'feed', '--reason', 'two is faulty');
    one.must('down');
    one.must('backup', join(one.folder, 'backup'));

    const blobs = join(one.storage, 'disk', 'blobs');
    for (const path of readdirSync(blobs, { recursive: true, encoding: 'utf8' })) {
      if (path.includes('/')) await services.disk.write(objectKey('blobs', path), readFileSync(join(blobs, path)));
    }
    expect(many.must('restore', join(one.folder, 'backup'))).toContain('Restored 1 repository and 2 snapshots');
    for (const args of [['repository:list'], ['repository:snapshots', 'feed'], ['system:list']]) {
      const [before, after] = [one, many].map((of) => withoutAges(of.json(...args)));
      expect(after).toEqual(before);
    }
    expect(many.run(['doctor'])).toMatchObject({ status: 0 });

    await many.serve();
    const authorization = `Basic ${btoa('box:open sesame')}`;
    const answer = await fetch(`${many.origin}/repository/community/feed/package`, { headers: { authorization } });
    expect([answer.status, await answer.text()]).toEqual([200, 'one']);
    upstream.write('package', 'three');
    many.must('repository:sync', 'feed', '--wait');
    many.must('repository:milestone', 'feed', '--unfreeze', '--wait');
  });
});

/** Time goes on between two questions. */
const withoutAges = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (key, each: unknown) => (key === 'ageSeconds' ? 0 : each)));
