import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { AptClient } from '../support/apt-client.js';
import { DebianArchive } from '../support/debian-archive.js';
import { Parceler } from '../support/parceler.js';

jest.setTimeout(120_000); // real processes, one after the other

describe('a Debian archive, mirrored by rsync, served to apt', () => {
  const upstream = new DebianArchive();
  let parceler: Parceler;

  beforeAll(async () => {
    parceler = await Parceler.create();
    upstream.add('hello');
    await parceler.serve();
    const command = `rsync -a --delete ${upstream.folder}/ "$SOURCE_DIR"/`;
    parceler.must('repository:create', '--name', 'debian', '--command', command, '--delay', '0', '--no-sync');
    parceler.must('repository:sync', 'debian', '--wait');
    parceler.run(['system:add', 'box', '--edition', 'enterprise', '--secret-stdin'], { input: 'open-sesame' });
  });
  afterAll(async () => {
    await parceler.dispose();
    upstream.dispose();
  });

  function client(password: string): AptClient {
    return new AptClient(`${parceler.origin}/repository/enterprise/debian/`, { login: 'box', password });
  }

  it('updates and downloads with credentials, byte for byte', () => {
    const apt = client('open-sesame');
    expect(apt.update()).toMatchObject({ status: 0 });
    expect(apt.download('hello')).toMatchObject({ status: 0 });
    const [file = ''] = upstream.files('hello');
    expect(apt.downloads).toEqual([file]);
    const got = readFileSync(join(apt.root, 'downloads', file));
    expect(got.equals(readFileSync(join(upstream.folder, 'pool', file)))).toBe(true);
    apt.dispose();
  });

  it('sees a package that upstream added after the next sync', () => {
    upstream.add('sl');
    parceler.must('repository:sync', 'debian', '--wait');
    const apt = client('open-sesame');
    apt.update();
    expect(apt.download('sl')).toMatchObject({ status: 0 });
    apt.dispose();
  });

  it('is refused with a wrong secret (I-16)', () => {
    const apt = client('wrong');
    const { output } = apt.update();
    expect(output).toContain('403  Forbidden');
    expect(apt.download('hello').status).not.toBe(0);
    apt.dispose();
  });
});
