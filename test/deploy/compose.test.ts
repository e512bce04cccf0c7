import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { loadConfig } from '#libs/config/load-config.js';
import { VARIABLES } from '#libs/config/variables.js';

import { BakeFile, strings } from './bake-file.js';
import { project, type Service } from './compose.js';
import { Dockerfile, ROOT } from './dockerfile.js';

const EXAMPLE = readFileSync(join(ROOT, 'deploy/.env.example'), 'utf8');
const KEY = Buffer.from(Array.from({ length: 32 }, (_, index) => index)).toString('base64');
const FILLED = {
  APP_KEY: KEY,
  POSTGRES_PASSWORD: 'pass',
  AWS_BUCKET: 'releases',
  AWS_ACCESS_KEY_ID: 'id',
  AWS_SECRET_ACCESS_KEY: 'secret',
  LITESTREAM_BUCKET: 'backups',
  HTTP_ADDRESS: '192.0.2.1:80',
};
const dotEnv = Object.entries(FILLED)
  .map(([name, value]) => `${name}=${value}\n`)
  .join('');

const PROGRAMS = ['api', 'scheduler', 'worker'];
const images = new Dockerfile('docker/Dockerfile');
const bake = new BakeFile();
const PRODUCTION = strings(bake.groups.get('production')?.['targets']);

const DEPLOYED = ['deploy/docker-compose.yml', 'deploy/docker-compose.scale.yml'].map((file) => ({
  file,
  ...project(file, dotEnv),
}));
const development = project('docker-compose.yml', '');
const SERVICES = DEPLOYED.flatMap(({ file, services }) =>
  Object.entries(services).map(([name, service]) => ({ file, name, service })),
);
const OURS = SERVICES.filter(({ name }) => PROGRAMS.includes(name));

const configOf = (target: string, { environment = {} }: Service): ReturnType<typeof loadConfig> =>
  loadConfig({
    directory: '/data',
    given: { ...Object.fromEntries(images.environment(target)), ...environment },
    file: { entries: new Map(), mistakes: [] },
  });
const seconds = (text = ''): number => {
  const [, minutes = '0', rest = '0'] = /^(?:(\d+)m)?(?:(\d+)s)?$/.exec(text) ?? [];
  return Number(minutes) * 60 + Number(rest);
};

describe('compose files in deploy/', () => {
  it.each(SERVICES.filter(({ service }) => service.image.startsWith('parceler/')))(
    '$file: $name runs the image of that name, of this version',
    ({ name, service }) => {
      expect(PRODUCTION).toContain(name);
      expect([service.image]).toEqual(bake.target(name)['tags']);
    },
  );

  it.each(OURS)('$file: $name has a configuration that Parceler takes', ({ name, service }) => {
    expect(configOf(name, service)).toMatchObject({ storagePath: '/data', queue: { driver: 'redis' } });
    const set = Object.keys(service.environment ?? {}).filter((variable) => !(variable in FILLED));
    expect(set.filter((variable) => !VARIABLES.has(variable))).toEqual([]);
  });

  it.each(DEPLOYED)('$file: all programs have the same settings', ({ services }) => {
    const settings = PROGRAMS.map((name) => ({ ...services[name]?.environment, TRUSTED_PROXIES: undefined }));
    expect(new Set(settings.map((each) => JSON.stringify(each))).size).toBe(1);
  });

  it('put content, database and queue where the files say', () => {
    const [one, many] = DEPLOYED.map(({ services }) => configOf('api', services['api'] as Service));
    expect(one).toMatchObject({ database: { driver: 'sqlite' }, disk: { driver: 'local' }, delivery: 'accel' });
    expect(DEPLOYED[0]?.services['nginx']?.volumes).toEqual(['storage:/data:ro']);
    expect(many).toMatchObject({
      database: { driver: 'postgres' },
      disk: { driver: 's3', bucket: 'releases' },
      cache: { store: 'redis' },
    });
    const mounts = PROGRAMS.map((name) => DEPLOYED[0]?.services[name]?.volumes);
    expect(mounts).toEqual(PROGRAMS.map(() => ['storage:/data:rw']));
  });

  it.each(OURS)('$file: $name is not killed while it ends (trust 2.8, T-20)', ({ service }) => {
    expect(seconds(service.stop_grace_period)).toBeGreaterThan(30); // downloads get 30 s, workers 20
  });

  it.each(SERVICES)('$file: $name can do no more than it must', ({ service }) => {
    expect(service).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      restart: 'unless-stopped',
    });
    const binds = (service.volumes ?? []).filter((volume) => volume.startsWith('/'));
    expect(binds.filter((volume) => !volume.endsWith('/litestream.yml:/etc/litestream.yml:ro'))).toEqual([]);
  });

  it.each(SERVICES)('$file: $name waits for services that say how they are', ({ file, service }) => {
    const all = DEPLOYED.find((each) => each.file === file)?.services ?? {};
    for (const [name, { condition }] of Object.entries(service.depends_on ?? {})) {
      const waited = all[name];
      const saysHowItIs = waited?.healthcheck !== undefined || images.last(name, 'HEALTHCHECK') !== undefined;
      expect([name, condition, saysHowItIs]).toEqual([name, 'service_healthy', true]);
    }
  });

  it.each(DEPLOYED)(
    '$file: only nginx is reached from outside, and only nginx reaches the api',
    ({ services, networks }) => {
      const published = Object.entries(services).filter(([, { ports }]) => ports !== undefined);
      expect(published.map(([name, { ports }]) => [name, ports])).toEqual([['nginx', ['192.0.2.1:80:8080/tcp']]]);
      const inFront = Object.entries(services).filter(([, service]) => 'front' in (service.networks ?? {}));
      expect(inFront.map(([name]) => name).toSorted()).toEqual(['api', 'nginx']);
      expect(networks?.['back']).toEqual({ internal: true });
    },
  );

  it.each(DEPLOYED)('$file: Redis throws nothing away', ({ services }) => {
    const command = services['redis']?.command ?? [];
    expect(command.slice(command.indexOf('--maxmemory-policy'))).toEqual(['--maxmemory-policy', 'noeviction']);
  });

  it('listen on this machine alone unless told otherwise', () => {
    const { services } = project('deploy/docker-compose.yml', `APP_KEY=${KEY}\n`);
    expect(services['nginx']?.ports).toEqual(['127.0.0.1:8080:8080/tcp']);
  });

  it.each(['POSTGRES_PASSWORD', 'AWS_BUCKET', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'])(
    'do not start many processes without %s',
    (name) => {
      const without = dotEnv.replace(new RegExp(`^${name}=.*\n`, 'm'), '');
      expect(() => project('deploy/docker-compose.scale.yml', without)).toThrow('set it in .env');
    },
  );
});

describe('deploy/.env.example', () => {
  it('names settings of Parceler and variables of the files beside it', () => {
    const texts = ['docker-compose.yml', 'docker-compose.scale.yml', 'litestream.yml'].map((file) =>
      readFileSync(join(ROOT, 'deploy', file), 'utf8'),
    );
    const used = new Set(texts.flatMap((text) => [...text.matchAll(/\$\{(\w+)/g)].map(([, name]) => name)));
    const named = [...EXAMPLE.matchAll(/^#?([A-Z_]+)=/gm)].map(([, name = '']) => name);
    expect(named.filter((name) => !used.has(name) && !VARIABLES.has(name))).toEqual([]);
    const ids = new Set(['UID', 'GID', 'STORAGE_PATH']); // of the images, and of a service's environment
    expect([...used].filter((name) => name !== undefined && !named.includes(name) && !ids.has(name))).toEqual([]);
  });
});

describe('docker-compose.yml', () => {
  const { services } = development;

  it('serves the checkout, as the user who works on it', () => {
    const service = services['parceler'] as Service;
    expect(images.stages.map(({ name }) => name)).toContain(service.build?.target);
    expect(service.build).toMatchObject({ dockerfile: images.file, args: { UID: '1000', GID: '1000' } });
    expect(service.volumes).toEqual([
      expect.stringMatching(/:\/opt\/parceler:rw$/),
      'packages:/opt/parceler/node_modules:rw',
    ]);
    expect(seconds(service.stop_grace_period)).toBeGreaterThan(40); // serve gives its programs 40 s
  });

  it('has a configuration that Parceler takes, with SQLite or with the servers of its profiles', () => {
    expect(configOf('development', services['parceler'] as Service).database.driver).toBe('sqlite');
    const other = project('docker-compose.yml', 'DB_CONNECTION=postgres\nQUEUE_CONNECTION=redis\n').services[
      'parceler'
    ];
    expect(configOf('development', other as Service)).toMatchObject({
      database: { driver: 'postgres' },
      queue: { driver: 'redis' },
    });
  });
});
