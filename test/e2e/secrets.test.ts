import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { Parceler } from '../support/parceler.js';

const canary = (): string => `canary${randomBytes(12).toString('hex')}`;

/** Every secret that an installation is given, each told from all others. */
const SECRETS = {
  key: randomBytes(32).toString('base64'),
  good: canary(),
  wrong: canary(),
  rclone: canary(),
  letThrough: canary(),
  address: canary(),
  query: canary(),
};

const asSent = (secret: string): string => Buffer.from(`box:${secret}`).toString('base64');

/** Each secret by name, in the forms that it could be met in. */
const forms = Object.entries(SECRETS).flatMap(([name, secret]) => [
  [name, secret] as const,
  [name, asSent(secret)] as const,
  [name, Buffer.from(secret).toString('base64')] as const,
]);

const foundIn = (text: string): readonly string[] =>
  forms.filter(([, form]) => text.includes(form)).map(([name]) => name);

describe('secrets (I-20)', () => {
  let parceler: Parceler;
  beforeEach(async () => {
    parceler = await Parceler.create({
      APP_KEY: SECRETS.key,
      LOG_LEVEL: 'debug',
      RCLONE_CONFIG_UP_PASS: SECRETS.rclone,
      TOKEN: SECRETS.letThrough,
      SYNC_ENV: 'TOKEN',
      ENTERPRISE_ENDPOINT: `http://127.0.0.1:1/?token=${SECRETS.query}`, // nobody answers there
    });
  });
  afterEach(() => parceler.dispose());

  const get = async (edition: string, secret: string, query = ''): Promise<number> => {
    const headers = { Authorization: `Basic ${asSent(secret)}` };
    return (await fetch(`${parceler.origin}/repository/${edition}/feed/a${query}`, { headers })).status;
  };

  it('would be found', () => {
    for (const [name, form] of forms) expect(foundIn(`{"a":"${form}"}`)).toEqual([name]);
  });

  it('reach neither the logs of any program nor the database, whatever goes wrong', async () => {
    const command = 'echo "https://me:$TOKEN@up.example/ token=$RCLONE_CONFIG_UP_PASS"; touch "$SOURCE_DIR/a"';
    parceler.must('repository:create', '--name', 'feed', '--command', command, '--delay', '0', '--no-sync');
    parceler.must('repository:create', '--name', 'bad', '--command', 'exit 1', '--no-sync');
    const added = parceler.run(['system:add', 'box', '--edition', 'community', '--secret-stdin'], {
      input: SECRETS.good,
    });
    const service = await parceler.serve();
    const printed = [
      added,
      ...[['repository:sync', 'feed', 'bad', '--wait'], ['run:log', '1'], ['doctor'], ['config:check']].map((args) =>
        parceler.run(args),
      ),
      parceler.run(['config:check'], { env: { APP_KEY: `${SECRETS.key}x` } }),
      parceler.run(['system:add', 'box', '--edition', 'community', '--secret-stdin'], { input: SECRETS.wrong }),
    ];
    expect(await get('community', SECRETS.good, `?signature=${SECRETS.address}`)).toBe(200);
    expect(await get('community', SECRETS.wrong)).toBe(403);
    expect(await get('enterprise', SECRETS.wrong)).toBe(503);
    await parceler.stop(service);

    for (const program of ['api', 'scheduler', 'worker']) expect(parceler.output).toContain(`"service":"${program}"`);
    expect(foundIn(parceler.output)).toEqual([]);
    expect(foundIn(JSON.stringify(printed))).toEqual([]);
    const files = readdirSync(parceler.storage).filter((name) => name.includes('.sqlite'));
    expect(files).toContain('parceler.sqlite');
    for (const file of files) expect(foundIn(readFileSync(join(parceler.storage, file), 'latin1'))).toEqual([]);
  });
});
