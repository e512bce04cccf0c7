import { generateAppKey } from './app-key.js';
import { parseEnvFile } from './env-file.js';
import { type Environment } from './environment.js';
import { readSettings } from './read-settings.js';
import { VARIABLES } from './variables.js';

const read = (given: NodeJS.ProcessEnv, file = '') => {
  const environment: Environment = { directory: '/srv/parceler', given, file: parseEnvFile(file) };
  const { settings, ...rest } = readSettings(environment);
  return { ...rest, settings: new Map(settings.map(({ name, value, from }) => [name, { value, from }])) };
};

describe('readSettings', () => {
  it('shows every variable in its own units, and where it comes from', () => {
    const { settings, mistakes, notes } = read({ PORT: '80', HOST: '' }, 'PORT=90\nSYNC_TIMEOUT=120m\nHOST=::1');
    expect([...settings.keys()]).toEqual([...VARIABLES.keys()]);
    expect(settings.get('PORT')).toEqual({ value: '80', from: 'environment' });
    expect(settings.get('SYNC_TIMEOUT')).toEqual({ value: '120m', from: '.env line 2' });
    expect(settings.get('HOST')).toEqual({ value: '127.0.0.1', from: 'default' }); // an empty variable counts as unset
    expect(settings.get('TRUSTED_PROXIES')).toEqual({ value: undefined, from: 'unset: nobody' });
    expect(settings.get('STORAGE_PATH')).toEqual({ value: '/srv/parceler/storage', from: 'default' });
    expect([mistakes, notes]).toEqual([[], []]);
  });

  it('shows no secret, whichever it is and wherever it stands (I-20)', () => {
    const secrets = [...VARIABLES].filter(([, { kind }]) => kind.isSecret).map(([name]) => name);
    expect(secrets).not.toEqual([]);
    for (const name of secrets) {
      for (const value of ['canary', generateAppKey()]) {
        const { settings, mistakes, notes } = read({}, `${name}=${value}`);
        expect(settings.get(name)).toEqual({ value: '[secret]', from: '.env line 1' });
        expect(JSON.stringify([...settings, mistakes, notes])).not.toContain(value);
      }
    }
  });

  it('tells every mistake, each with its place', () => {
    const { mistakes, settings } = read(
      { LOG_LEVEL: 'loud' },
      'what is this\nPORT=eighty\nAPP_KEY=canary\nSYNC_TIMOUT=5m\nDELIVERY=mail\n',
    );
    expect(mistakes).toEqual([
      'Line 1 of .env is not NAME=value.',
      'APP_KEY does not fit (.env line 3); expected 32 random bytes in base64, as "parceler key:generate --show" prints them.',
      'LOG_LEVEL is "loud" (environment); expected debug or info or warn or error or silent.',
      'PORT is "eighty" (.env line 2); expected a whole number from 0 to 65535.',
      'DELIVERY is "mail" (.env line 5); expected auto or stream or redirect or accel.',
      'SYNC_TIMOUT (.env line 4) is no setting; did you mean SYNC_TIMEOUT?',
    ]);
    expect(settings.get('PORT')).toEqual({ value: 'eighty', from: '.env line 2' });
  });

  it('says what became of a name that the original Parceler had, wherever it stands', () => {
    const effect =
      'has no effect: sources stand in <STORAGE_PATH>/disk/source, and sync commands find theirs in $SOURCE_DIR.';
    expect(read({}, 'REPOSITORY_SOURCE_FOLDER=mirror')).toMatchObject({
      mistakes: [],
      notes: [`REPOSITORY_SOURCE_FOLDER (.env line 1) ${effect}`],
    });
    expect(read({ REPOSITORY_SOURCE_FOLDER: 'mirror' }).notes).toEqual([
      `REPOSITORY_SOURCE_FOLDER (environment) ${effect}`,
    ]);
  });

  it('leaves alone what stands in .env for sync commands or for others, and notes what has no effect', () => {
    const file = 'SYNC_ENV=TOKEN,PROT\nTOKEN=1\nPROT=1\nRCLONE_CONFIG=/x\nDB_CONNECTION=sqlite\nAPP_URL=http://a';
    expect(read({}, file)).toMatchObject({
      mistakes: [],
      notes: ['APP_URL (.env line 6) has no effect: it is no setting, and SYNC_ENV does not name it.'],
    });
  });

  it('knows a setting by its other name, and tells when the two differ', () => {
    const [token, other] = ['a'.repeat(32), 'b'.repeat(32)];
    const { values, settings, mistakes, notes } = read({ REPOSITORY_RELEASE_TOKEN: token });
    expect(values.REPOSITORY_MILESTONE_TOKEN?.reveal()).toBe(token);
    expect(settings.get('REPOSITORY_MILESTONE_TOKEN')).toEqual({
      value: '[secret]',
      from: 'environment, as REPOSITORY_RELEASE_TOKEN',
    });
    expect([mistakes, notes]).toEqual([[], []]);
    const both = read({ REPOSITORY_MILESTONE_TOKEN: token }, `REPOSITORY_RELEASE_TOKEN=${other}`);
    expect(both.mistakes).toEqual([
      'REPOSITORY_MILESTONE_TOKEN (environment) and REPOSITORY_RELEASE_TOKEN (.env line 1) are the same setting, and differ.',
    ]);
    expect(read({ REPOSITORY_MILESTONE_TOKEN: token }, `REPOSITORY_RELEASE_TOKEN=${token}`).mistakes).toEqual([]);
  });

  it.each(['null', 'short', 'x'.repeat(31), `${'x'.repeat(32)} y`])('starts with no token like %j (T-142)', (token) => {
    expect(read({ REPOSITORY_MILESTONE_TOKEN: token }).mistakes).toEqual([
      expect.stringMatching(/^REPOSITORY_MILESTONE_TOKEN does not fit \(environment\); expected 32 to 512/),
    ]);
  });

  it.each(['', '   '])('takes a token of %j for none (T-142)', (token) => {
    const { values, mistakes } = read({ REPOSITORY_MILESTONE_TOKEN: token });
    expect([values.REPOSITORY_MILESTONE_TOKEN, mistakes]).toEqual([undefined, []]);
  });

  it('takes a slip in the environment, which is not ours alone, for no more than a note', () => {
    const { mistakes, notes } = read({ SYNC_TIMOUT: '5m', SHELL: '/bin/sh', PARCELER_REPOSITORY: 'debian' });
    expect(mistakes).toEqual([]);
    expect(notes).toEqual(['SYNC_TIMOUT (environment) is no setting; did you mean SYNC_TIMEOUT?']);
  });
});
