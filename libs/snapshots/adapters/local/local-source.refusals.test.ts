import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { createServer } from 'node:net';

import { failingCall } from '../../testing/failing-call.js';
import { type SnapshotWorld } from '../../testing/snapshot-world.js';
import { REFUSED, SourceWorld } from '../../testing/source-world.js';

describe('LocalSource refuses', () => {
  let source: SourceWorld;
  let world: SnapshotWorld;
  beforeEach(async () => {
    source = await SourceWorld.make();
    world = source.world;
  });
  afterEach(() => {
    jest.restoreAllMocks();
    source.remove();
  });

  it.each([
    ['Readme', 'README', 'case'],
    ['\u00e9', 'e\u0301', 'Unicode form'],
    ['\u00c9', 'e\u0301', 'case and Unicode form'],
  ])('names "%s" and "%s" that differ only in %s (T-34)', async (one, other) => {
    world.change({ [`pool/${one}`]: '1', [`pool/${other}`]: '2' });
    await expect(source.paths()).rejects.toMatchObject({ ...REFUSED, message: expect.stringContaining(one) as string });
  });

  it('a folder that is not there, naming both causes: the command saves elsewhere, or the wrong one was named', async () => {
    world.change({ a: '1' });
    await expect(source.paths('stable')).rejects.toMatchObject({
      code: 'SOURCE_MISSING',
      message: expect.stringMatching(
        /no folder "stable" in its source: its command saves nothing there, or .*repository:update debian --source-folder/,
      ) as string,
    });
    fs.rmSync(world.sourcePath(), { recursive: true });
    await expect(source.paths()).rejects.toMatchObject({
      code: 'SOURCE_MISSING',
      message: '"debian" has no source to take a snapshot of.',
    });
  });

  it('no such names in different folders', async () => {
    world.change({ 'a/Readme': '1', 'b/README': '2', 'b/x': '' });
    expect(await source.paths()).toHaveLength(3);
  });

  it('names that are not UTF-8 (T-35)', async () => {
    fs.writeFileSync(Buffer.concat([Buffer.from(`${world.sourcePath()}/`), Buffer.from([0x61, 0xff])]), '');
    await expect(source.paths()).rejects.toMatchObject({
      ...REFUSED,
      message: expect.stringContaining('UTF-8') as string,
    });
  });

  it.each(['a\nb', 'a\x1bb', 'a\x7fb', 'a\u0085b'])(
    'control characters in names, shown escaped (T-35)',
    async (name) => {
      world.change({ [name]: '' });
      await expect(source.paths()).rejects.toMatchObject({
        ...REFUSED,
        message: expect.not.stringContaining(name) as string,
      });
    },
  );

  it.each(['-rf', ' ', 'a b', 'x'.repeat(255), '\ufffd', 'a\\b', '%41', '"'])('not the name "%s"', async (name) => {
    world.change({ [name]: '' });
    expect(await source.paths()).toEqual([name]);
  });

  it('a FIFO, without waiting for anybody who writes to it (T-36)', async () => {
    execFileSync('mkfifo', [world.sourcePath('pipe')]);
    await expect(source.paths()).rejects.toMatchObject({
      ...REFUSED,
      message: expect.stringContaining('"pipe"') as string,
    });
    const pretended = { path: 'pipe', size: 0, mtimeMs: 0, signature: 'x' };
    await expect(source.ingest([pretended])).rejects.toMatchObject(REFUSED);
  });

  it('a socket (T-36)', async () => {
    const server = createServer().listen(world.sourcePath('socket'));
    await once(server, 'listening');
    await expect(source.paths()).rejects.toMatchObject(REFUSED);
    server.close();
  });

  it.each<[string, (world: SnapshotWorld) => string]>([
    ['an absolute path', () => '/etc/passwd'],
    ['a way up', () => '../other/secret'],
    ['a process', () => '/proc/self/environ'],
    ['a device', () => '/dev/zero'],
    ['a chain of links', (w) => (fs.symlinkSync('/etc', w.sourcePath('pool/etc')), 'etc/passwd')],
    ['the folder above', () => '../..'],
    ['nowhere', () => 'missing'],
    ['itself', () => 'link'],
    ['the folder it stands in', () => '.'],
    ['the folder above it, inside', () => '..'],
    ['a neighbour with the same beginning', () => '../../debian-security/a'],
  ])('a link to %s (T-72)', async (_, target) => {
    world.change({ secret: 'x' }, 'other' as never);
    world.change({ a: 'x' }, 'debian-security' as never);
    world.change({ 'pool/a': 'a' });
    fs.symlinkSync(target(world), world.sourcePath('pool/link'));
    await expect(source.paths()).rejects.toMatchObject(REFUSED);
  });

  it('a link to a FIFO', async () => {
    execFileSync('mkfifo', [world.sourcePath('pipe')]);
    fs.symlinkSync('pipe', world.sourcePath('a'));
    await expect(source.paths()).rejects.toMatchObject(REFUSED);
  });

  it('links to folders that would multiply without end', async () => {
    for (let level = 0; level < 12; level += 1) {
      world.change({ [`l${String(level)}/f`]: '' });
      for (const side of ['x', 'y'])
        fs.symlinkSync(`../l${String(level + 1)}`, world.sourcePath(`l${String(level)}/${side}`));
    }
    world.change({ 'l12/f': '' });
    await expect(source.paths()).rejects.toMatchObject({
      ...REFUSED,
      message: expect.stringContaining('too many') as string,
    });
  });

  it.each(['EACCES', 'EIO'])('what cannot be read, for %s (T-26)', async (code) => {
    world.change({ 'pool/a': 'a' });
    const files = await source.walk();
    failingCall('readSync', 1, code);
    await expect(source.ingest(files)).rejects.toMatchObject({
      ...REFUSED,
      message: expect.stringContaining('"pool/a"') as string,
    });
    jest.restoreAllMocks();
    failingCall('readdirSync', 2, code);
    await expect(source.paths()).rejects.toMatchObject({
      ...REFUSED,
      message: expect.stringContaining('"pool"') as string,
    });
  });
});
