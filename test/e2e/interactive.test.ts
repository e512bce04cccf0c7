import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';

import { Parceler } from '../support/parceler.js';
import { PlainUpstream } from '../support/plain-upstream.js';

jest.setTimeout(60_000); // real processes, one after the other

/** What a person types, as soon as they see the question; `script` gives the program a terminal. */
async function talk(
  parceler: Parceler,
  args: string,
  answers: readonly (readonly [question: string, answer: string])[],
) {
  const command = `'${process.execPath}' '${resolve('bin/parceler')}' ${args}`;
  const child = spawn('script', ['--quiet', '--flush', '--return', '--command', command, '/dev/null'], {
    cwd: parceler.folder,
    env: { ...parceler.environment, TERM: 'xterm' },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const waiting = [...answers];
  let seen = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    seen += text;
    const [next] = waiting;
    if (next === undefined || !seen.includes(next[0])) return;
    waiting.shift();
    seen = '';
    child.stdin.write(`${next[1]}\r`);
  });
  const [status] = (await once(child, 'exit')) as [number | null];
  return { status, unasked: waiting.map(([question]) => question) };
}

describe('repository:create on a terminal', () => {
  let parceler: Parceler;
  beforeAll(async () => {
    parceler = await Parceler.create();
  });
  afterAll(() => parceler.dispose());

  it('asks for what is missing, says what is wrong with an answer, and asks again', async () => {
    const talked = await talk(parceler, 'repository:create', [
      ['Name (as it stands in URLs):', 'Bad Name'],
      ['is not a repository name. Use 1 to 63', `${'\b'.repeat(8)}feed`],
      ['Sync command', 'true'],
      ['Folder of the source', ''],
      ['Days to hold new files back', '3'],
      ['Sync now?', 'n'],
    ]);
    expect(talked).toEqual({ status: 0, unasked: [] });
    expect(parceler.json('repository:list')).toMatchObject([{ name: 'feed', command: 'true', delay: 3 }]);
    expect(parceler.json('run:list')).toEqual([]);
  });

  it('says while the name is typed that it is taken, and what to do', async () => {
    const talked = await talk(parceler, 'repository:create', [
      ['Name (as it stands in URLs):', 'feed'],
      ['There is a repository "feed" already. Choose another name', `${'\b'.repeat(4)}second`],
      ['Sync command', 'true'],
      ['Folder of the source', ''],
      ['Days to hold new files back', '3'],
      ['Sync now?', 'n'],
    ]);
    expect(talked).toEqual({ status: 0, unasked: [] });
    expect(await talk(parceler, 'repository:create --name feed', [])).toEqual({ status: 4, unasked: [] });
    parceler.must('repository:delete', 'second', '--yes');
  });

  it('asks nothing when the options say it all', async () => {
    const talked = await talk(parceler, 'repository:create --name other --command true --no-sync', []);
    expect(talked).toEqual({ status: 0, unasked: [] });
  });

  it('asks for the name before it deletes', async () => {
    const wrong = await talk(parceler, 'repository:delete feed', [['removes "feed" and all its snapshots', 'other']]);
    expect(wrong).toEqual({ status: 2, unasked: [] });
    const right = await talk(parceler, 'repository:delete feed', [['Type its name', 'feed']]);
    expect(right).toEqual({ status: 0, unasked: [] });
    expect(parceler.json('repository:list')).toMatchObject([{ name: 'other' }]);
  });
});

describe('long work on a terminal', () => {
  const upstream = new PlainUpstream();
  let parceler: Parceler;
  beforeAll(async () => {
    parceler = await Parceler.create();
    for (let file = 0; file < 20; file += 1) upstream.write(`pool/${String(file)}`, 'content');
    parceler.must('repository:create', '--name', 'feed', '--no-sync', '--command', upstream.command);
    await parceler.serve({ only: 'worker' });
  });
  afterAll(async () => {
    await parceler.dispose();
    upstream.dispose();
  });

  const shownBy = (args: string): string => {
    const command = `'${process.execPath}' '${resolve('bin/parceler')}' ${args}`;
    const options = ['--quiet', '--flush', '--return', '--command', command, '/dev/null'];
    const env = { ...parceler.environment, TERM: 'xterm' };
    const { status, stdout } = spawnSync('script', options, { cwd: parceler.folder, env, encoding: 'utf8' });
    expect(status).toBe(0);
    return stdout;
  };

  it('shows how far it is: a sync by its steps, checking and exporting by a bar', () => {
    const sync = shownBy('repository:sync feed --wait');
    expect(sync).toMatch(/feed: (queued|starting|recovery|syncing)[^]*feed: snapshot \w+: 20 files added/);
    const [snapshot] = parceler.json<{ id: string }[]>('repository:snapshots', 'feed');
    const id = snapshot?.id ?? '';
    expect(shownBy(`snapshot:verify feed ${id}`)).toMatch(/ 0%[^]*is sound: 20 files/);
    expect(shownBy(`snapshot:export feed ${id} exported`)).toMatch(/ 0%[^]*Exported 20 files/);
  });
});
