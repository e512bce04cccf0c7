import { keyPrefix } from '#libs/storage/object-key.js';
import { keysOf } from '#libs/storage/testing/disk.contract.js';
import { newSwiftDisk } from '#libs/storage/testing/swift-disk.js';
import { SwiftServer } from '#libs/storage/testing/swift-server.js';
import { type S3Disk } from '#libs/storage/adapters/s3/s3-disk.js';

import { Parceler } from '../support/parceler.js';
import { PlainUpstream } from '../support/plain-upstream.js';

jest.setTimeout(120_000); // real processes, one after the other

interface SnapshotRow {
  readonly id: string;
}

describe('with content in a bucket', () => {
  const upstream = new PlainUpstream();
  let swift: SwiftServer;
  let disk: S3Disk;
  let parceler: Parceler;
  beforeAll(async () => {
    swift = await SwiftServer.start();
    disk = await newSwiftDisk(swift);
    const { endpoint, accessKeyId, secretAccessKey } = swift.account;
    parceler = await Parceler.create({
      ...{ FILESYSTEM_DISK: 's3', AWS_BUCKET: disk.bucket.name, AWS_ENDPOINT: endpoint.href },
      ...{ AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey },
    });
    upstream.write('package', 'one');
    parceler.must('repository:create', '--name', 'feed', '--command', upstream.command, '--delay', '0', '--no-sync');
    parceler.must('repository:sync', 'feed');
    parceler.must('queue:work', '--once');
  });
  afterAll(async () => {
    await parceler.dispose();
    upstream.dispose();
    await swift.stop();
  });

  it('does what operators do, and says nothing besides', async () => {
    expect(await keysOf(disk, keyPrefix('blobs'))).toHaveLength(1);
    const [snapshot] = parceler.json<SnapshotRow[]>('repository:snapshots', 'feed');
    expect(parceler.run(['doctor'])).toMatchObject({ status: 0, stderr: '' });
    expect(parceler.must('repository:files', 'feed')).toBe('package\n');
    parceler.must('snapshot:verify', 'feed', snapshot?.id ?? '');
    parceler.must('garbage:collect', '--dry-run');
  });

  it('serves, by way of the bucket to those who can', async () => {
    parceler.run(['system:add', 'box', '--edition', 'community', '--secret-stdin'], { input: 'a-secret-of-mine\n' });
    await parceler.serve();
    const ask = (userAgent: string) =>
      fetch(`${parceler.origin}/repository/community/feed/package`, {
        headers: { Authorization: `Basic ${btoa('box:a-secret-of-mine')}`, 'User-Agent': userAgent },
        redirect: 'manual',
      });
    expect(await (await ask('uclient-fetch')).text()).toBe('one');
    let answer = await ask('curl/8');
    for (let tries = 0; answer.status !== 302 && tries < 100; tries += 1) answer = await ask('curl/8');
    expect(await (await fetch(answer.headers.get('Location') ?? '')).text()).toBe('one');
    await parceler.stopAll();
    expect(parceler.output).not.toMatch(/Warning|Signature/);
  });

  it('says in one sentence why the bucket cannot be used', () => {
    const { status, stderr } = parceler.run(['repository:files', 'feed'], { env: { AWS_SECRET_ACCESS_KEY: 'canary' } });
    expect(status).toBe(6);
    expect(stderr).toMatch(/the S3 server does not accept our access key\./);
    expect(stderr).not.toContain('canary');
  });
});
