// Who may import whom. Every rule here is proved to bite by test/planted-violations.

const platform = ['files', 'config', 'observability', 'persistence', 'storage', 'jobs', 'commands'];
const services = ['files', 'config', 'observability', 'persistence', 'storage', 'jobs']; // commands are for syncing alone

/** Besides its own files, a lib imports these libs (or these single files) and no others. */
const mayImport = {
  kernel: [],
  files: ['kernel'],
  config: ['kernel', 'files'],
  observability: ['kernel', 'config'],
  persistence: ['kernel', 'files', 'config', 'observability'],
  storage: ['kernel', 'files', 'config', 'observability'],
  commands: ['kernel', 'files', 'config', 'observability'],
  jobs: ['kernel', 'config', 'observability', 'persistence'],
  packages: ['kernel'],
  entitlement: ['kernel', ...services],
  repositories: ['kernel', ...services, 'entitlement/edition.ts'],
  snapshots: ['kernel', ...services, 'repositories', 'packages'],
  syncing: ['kernel', ...platform, 'repositories', 'snapshots'],
  releases: ['kernel', ...services, 'repositories', 'packages', 'snapshots', 'syncing'],
  backups: ['kernel', 'files', 'config', 'persistence', 'storage', 'repositories', 'snapshots', 'syncing'],
  importing: ['kernel', 'config', 'persistence', 'storage', 'repositories', 'snapshots', 'syncing', 'releases'],
  maintenance: ['kernel', 'config', 'observability', 'persistence'],
  delivery: ['kernel', ...services, 'entitlement', 'repositories', 'snapshots'],
};

const tests = '\\.test\\.ts$|/testing/|^test/|^bench/';
const adapters = '^libs/.+/adapters/';
const modules = '^libs/.+\\.module\\.ts$';
const npm = (...names) => `(?:^|/)node_modules/(?:${names.join('|')})(?:/|$)`;

const arrows = Object.entries(mayImport).map(([lib, others]) => ({
  name: `arrows-of-${lib}`,
  comment: `libs/${lib} imports ${others.length === 0 ? 'nothing' : others.join(', ')}`,
  severity: 'error',
  from: { path: `^libs/${lib}/`, pathNot: tests },
  to: {
    path: '^libs/',
    pathNot: [lib, ...others].map((other) => (other.endsWith('.ts') ? `^libs/${other}$` : `^libs/${other}/`)),
  },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...arrows,
    {
      name: 'every-lib-has-arrows',
      comment: 'A new lib is entered in the table above.',
      severity: 'error',
      from: { path: '^libs/', pathNot: [...Object.keys(mayImport), 'composition'].map((lib) => `^libs/${lib}/`) },
      to: {},
    },
    {
      name: 'kernel-is-pure',
      comment: 'The kernel needs nothing but the language.',
      severity: 'error',
      from: { path: '^libs/kernel/', pathNot: tests },
      to: { pathNot: '^libs/kernel/' },
    },
    {
      name: 'composition-is-for-apps',
      severity: 'error',
      from: { path: '^libs/', pathNot: [tests, '^libs/composition/'] },
      to: { path: '^libs/composition/' },
    },
    { name: 'libs-know-no-app', severity: 'error', from: { path: '^libs/' }, to: { path: '^apps/' } },
    {
      name: 'apps-are-apart',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-barrels', severity: 'error', from: {}, to: { path: '^(?:apps|libs)/.+/index\\.ts$' } },
    {
      name: 'adapters-are-private',
      comment: "Only the lib's module (and tests) know which driver stands behind a port.",
      severity: 'error',
      from: { path: '^(?:apps|libs)/', pathNot: [tests, adapters, modules] },
      to: { path: adapters },
    },
    {
      name: 'adapters-of-other-libs',
      severity: 'error',
      from: { path: '^(?:apps|libs)/([^/]+)/', pathNot: tests },
      to: { path: adapters, pathNot: '^libs/$1/' },
    },
    {
      name: 'frameworks-at-the-edges',
      comment: 'Nest wires and answers; use cases, rules and drivers do not know it.',
      severity: 'error',
      from: { path: '^libs/', pathNot: [tests, modules, '^libs/composition/'] },
      to: {
        path: npm(
          '@nestjs',
          'nest-commander',
          'reflect-metadata',
          'rxjs',
          'fastify',
          '@fastify',
          'passport[^/]*',
          'commander',
        ),
      },
    },
    {
      name: 'databases-behind-adapters',
      severity: 'error',
      from: { path: '^(?:apps|libs)/', pathNot: [tests, adapters, '^libs/persistence/'] },
      to: { path: npm('typeorm', 'better-sqlite3', 'pg', 'sqlite3') },
    },
    {
      name: 'sdks-behind-adapters',
      severity: 'error',
      from: { path: '^libs/', pathNot: [tests, adapters] },
      to: {
        path: [
          npm('pino[^/]*', 'prom-client', '@aws-sdk', '@smithy', 'bullmq', 'ioredis', 'undici'),
          '^(?:node:)?child_process$',
        ],
      },
    },
    {
      name: 'terminal-in-the-cli',
      severity: 'error',
      from: { path: '^(?:apps|libs)/', pathNot: [tests, '^apps/cli/'] },
      to: { path: npm('cli-table3', 'cli-progress') },
    },
    {
      name: 'testing-is-for-tests',
      severity: 'error',
      from: { pathNot: tests },
      to: { path: ['/testing/', '^test/', '^bench/'] },
    },
    { name: 'nobody-imports-a-test', severity: 'error', from: {}, to: { path: '\\.test\\.ts$' } },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'no-undeclared-packages',
      comment: 'What is imported stands in package.json.',
      severity: 'error',
      from: {},
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-peer'] },
    },
    {
      name: 'optional-packages-may-be-missing',
      comment: 'Only their types are imported; a driver.ts picks the package that is installed.',
      severity: 'error',
      from: {},
      to: { dependencyTypes: ['npm-optional'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-dev-packages-in-production',
      severity: 'error',
      from: { path: '^(?:apps|libs)/', pathNot: tests },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-deprecated-core',
      severity: 'error',
      from: {},
      to: { path: '^(?:punycode|domain|constants|sys)$', dependencyTypes: ['core'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(?:dist|coverage)/|/planted-violations/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true, // types are arrows too
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['types', 'import', 'require', 'node', 'default'], // `types` leads #libs/* to the sources
      mainFields: ['main', 'types'],
    },
  },
};
