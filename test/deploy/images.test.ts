import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { validate } from 'dockerfile-utils';

import { VARIABLES } from '#libs/config/variables.js';

import { BakeFile, strings } from './bake-file.js';
import { CHECKOUT, isInContext } from './build-context.js';
import { Dockerfile, ROOT, words, type Stage } from './dockerfile.js';

const MANIFEST = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  readonly version: string;
  readonly bin: { readonly parceler: string };
};
const FILES = ['docker/Dockerfile', 'docker/nginx/Dockerfile'].map((file) => new Dockerfile(file));
const [PROGRAMS] = FILES as [Dockerfile, Dockerfile];
const bake = new BakeFile();
const PRODUCTION = strings(bake.groups.get('production')?.['targets']);
const TARGETS = [...PRODUCTION, 'development'];
const OF_NGINX = ['API_ADDRESS', 'API_ADDRESS_OPTIONS', 'NGINX_PORT', 'NGINX_TRUSTED_PROXY', 'PARCELER_BLOBS'];
const OTHERS = new Set(['NODE_ENV', 'HOME', ...OF_NGINX]); // Node's, the system's, and those of docker/nginx

const fileOf = (target: string): Dockerfile => {
  const found = FILES.find(({ stages }) => stages.some(({ name }) => name === target));
  if (found === undefined) throw new Error(`no Dockerfile has the stage ${target}`);
  return found;
};
const all = (keyword: string): readonly string[] =>
  FILES.flatMap(({ stages }) => stages.flatMap(({ instructions }) => instructions))
    .filter((instruction) => instruction.keyword === keyword)
    .map(({ text }) => text);
const copied = ({ instructions }: Stage): readonly string[] =>
  instructions
    .filter(({ keyword, text }) => keyword === 'COPY' && !text.includes('--from='))
    .flatMap(({ text }) =>
      text
        .replace(/^--\S+ /, '')
        .split(' ')
        .slice(0, -1),
    );

describe('Dockerfiles', () => {
  it.each(FILES)('$file can be read by the builder', ({ text }) => {
    expect(validate(text)).toEqual([]);
  });

  it.each(FILES)('$file stands on images whose version is said', ({ stages }) => {
    const bases = stages.map(({ base }) => base).filter((base) => !stages.some(({ name }) => name === base));
    expect(bases.length).toBeGreaterThan(0);
    for (const base of bases) expect(base).toMatch(/^[a-z]+:\d[\w.-]*$/);
  });

  it('know the Node that the tests run on', () => {
    expect(readFileSync(join(ROOT, 'test/fresh-copies.mjs'), 'utf8')).toMatch(/^const NODES = \[20, 24\];$/m);
    expect(PROGRAMS.stages[0]?.base).toMatch(/^node:24-\w+-slim$/);
  });

  it.each(FILES)('$file copies what is in its context', ({ context, stages }) => {
    const sources = stages.flatMap(copied);
    expect(sources.length).toBeGreaterThan(0);
    const below = (source: string): readonly string[] =>
      CHECKOUT.filter((file) => `${file}/`.startsWith(`${join(context, source)}/`));
    const isSent = (file: string): boolean => context !== '.' || isInContext(file);
    expect(sources.filter((source) => !below(source).some(isSent))).toEqual([]);
  });

  it('copy everything that is in the context: what nobody needs makes builds new for nothing', () => {
    const sources = new Set(PROGRAMS.stages.flatMap(copied));
    const sent = CHECKOUT.filter(isInContext);
    expect(sent.filter((file) => !sources.has(file.split('/')[0] ?? '') && !sources.has(file))).toEqual([]);
  });

  it('hide no failure in a pipe, install nothing that is recommended only, and leave no lists behind', () => {
    const runs = all('RUN');
    expect(runs.filter((run) => /[^|]\|[^|]/.test(run))).toEqual([]);
    const installs = runs.filter((run) => run.includes('apt-get install'));
    expect(installs.length).toBeGreaterThan(0);
    for (const run of installs) {
      expect(run).toMatch(
        /^apt-get update && apt-get install -y --no-install-recommends .*rm -rf \/var\/lib\/apt\/lists/,
      );
    }
  });

  it('install what the lock file says', () => {
    const npm = all('RUN').filter((run) => run.includes('npm ') && !run.includes('npm run'));
    expect(npm.map((run) => /npm ci.*$/.exec(run)?.[0])).toEqual([
      'npm ci --ignore-scripts',
      'npm ci --omit=dev --ignore-scripts',
    ]);
    for (const run of npm) expect(run).toContain('--mount=type=cache,target=/root/.npm');
  });
});

describe('the build context', () => {
  it.each(['.env', 'deploy/.env', '.git/config', 'storage/app.key', 'node_modules/a/b.js', 'dist/bin/parceler.js'])(
    'is without %s',
    (file) => {
      expect(isInContext(file)).toBe(false);
    },
  );

  it('has every program file and no test', () => {
    const sources = CHECKOUT.filter((file) => /^(?:apps|libs)\/.*\.ts$/.test(file));
    const isTest = (file: string): boolean => /\.test\.ts$|\/testing\//.test(file);
    expect(sources.filter((file) => isInContext(file) === isTest(file))).toEqual([]);
  });
});

describe.each(TARGETS)('the image %s', (target) => {
  const file = fileOf(target);

  it('runs as a user by number, who is not root', () => {
    expect(file.last(target, 'USER')).toMatch(/^(?:\$\{UID\}|101):\$\{GID\}$/);
    expect(file.text).toMatch(/^ARG GID=10001$/m);
  });

  it('ends in order, and says how it is', () => {
    expect(file.last(target, 'STOPSIGNAL')).toMatch(/^SIG(?:TERM|QUIT)$/);
    expect(words(file.last(target, 'HEALTHCHECK')).length).toBeGreaterThan(2);
  });

  it('sets what Parceler knows', () => {
    const names = [...file.environment(target).keys()].filter((name) => !/^NGINX_EN/.test(name));
    expect(names.filter((name) => !VARIABLES.has(name) && !OTHERS.has(name))).toEqual([]);
  });
});

describe.each(['api', 'scheduler', 'worker'])('the image of the program %s', (program) => {
  it('starts it, below tini', () => {
    expect(words(PROGRAMS.last(program, 'ENTRYPOINT'))).toEqual(['/usr/bin/tini', '--']);
    expect(words(PROGRAMS.last(program, 'CMD'))).toEqual(['node', `/opt/parceler/dist/apps/${program}/main.js`]);
    expect(existsSync(join(ROOT, 'apps', program, 'main.ts'))).toBe(true);
  });

  it('has the command line on its path, as package.json names it', () => {
    const links = PROGRAMS.whole(program).filter(({ text }) => text.includes('ln -s'));
    expect(links.map(({ text }) => /ln -s (\S+) (\S+)/.exec(text)?.slice(1))).toEqual([
      [`/opt/parceler/${MANIFEST.bin.parceler}`, '/usr/local/bin/parceler'],
    ]);
  });

  it('keeps everything in /data, and is found from outside the container', () => {
    expect(Object.fromEntries(PROGRAMS.environment(program))).toMatchObject({
      APP_ENV: 'production',
      STORAGE_PATH: '/data',
      HOST: '0.0.0.0',
    });
  });

  it.each(['curl', 'rclone', 'rsync', 'wget'])('has %s only for sync commands', (tool) => {
    const installs = PROGRAMS.whole(program).filter(({ text }) => text.includes('apt-get install'));
    expect(installs.some(({ text }) => text.split(' ').includes(tool))).toBe(program === 'worker');
  });
});

describe('docker-bake.hcl', () => {
  it('builds the four images of production, for both processors', () => {
    expect(PRODUCTION.toSorted()).toEqual(['api', 'nginx', 'scheduler', 'worker']);
    expect(strings(bake.groups.get('default')?.['targets'])).toEqual(['production']);
    for (const name of PRODUCTION) expect(bake.target(name)['platforms']).toEqual(['linux/amd64', 'linux/arm64']);
  });

  it.each(PRODUCTION)('builds the stage %s of a Dockerfile that is there, with arguments that it takes', (name) => {
    const target = bake.target(name);
    const file = fileOf(name);
    const { context, dockerfile = 'Dockerfile' } = target as Readonly<Record<string, string>>;
    expect([join(context ?? '', dockerfile), target['target']]).toEqual([file.file, name]);
    const taken = [...file.text.matchAll(/^ARG (\w+)/gm)].map(([, arg]) => arg);
    expect(taken).toEqual(expect.arrayContaining(Object.keys(target['args'] ?? {})));
  });

  it('names images by registry and version, which is that of the package', () => {
    const tags = (environment: Record<string, string>): unknown =>
      PRODUCTION.map((name) => new BakeFile(environment).target(name)['tags']);
    expect(tags({})).toEqual(PRODUCTION.map((name) => [`parceler/${name}:${MANIFEST.version}`]));
    const elsewhere = { REGISTRY: 'registry.example.org/parceler', VERSION: '9.9.9' };
    expect(tags(elsewhere)).toEqual(PRODUCTION.map((name) => [`registry.example.org/parceler/${name}:9.9.9`]));
  });

  it('keeps layers where it is told, and else nowhere', () => {
    expect([bake.target('api')['cache-from'], bake.target('api')['cache-to']]).toEqual([[], []]);
    const cached = new BakeFile({ CACHE: 'registry.example.org/cache' }).target('worker');
    expect(cached['cache-from']).toEqual(['type=registry,ref=registry.example.org/cache:worker']);
    expect(cached['cache-to']).toEqual(['type=registry,ref=registry.example.org/cache:worker,mode=max']);
  });
});

describe('the image nginx', () => {
  it('fills in everything that its template leaves open', () => {
    const template = readFileSync(join(ROOT, 'docker/nginx/templates/parceler.conf.template'), 'utf8');
    const open = new Set([...template.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name));
    const byItsEntryPoint = 'NGINX_LOCAL_RESOLVERS';
    expect([...open].toSorted()).toEqual([...OF_NGINX, byItsEntryPoint].toSorted());
    expect([...fileOf('nginx').environment('nginx').keys()]).toEqual(expect.arrayContaining(OF_NGINX));
  });
});
