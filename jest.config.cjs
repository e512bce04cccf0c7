// jest cannot require() the ESM packages below on Node 20, so they are compiled to CommonJS like our own sources.
const esm = [
  '@nestjs/[^/]+',
  'cookie',
  'file-type',
  'strtok3',
  'token-types',
  'uint8array-extras',
  '@tokenizer/[^/]+',
  '@borewit/[^/]+',
  'croner',
];

const swc = [
  '@swc/jest',
  {
    swcrc: false, // the root .swcrc leaves test files out
    jsc: {
      parser: { syntax: 'typescript', decorators: true },
      transform: { legacyDecorator: true },
      target: 'es2022',
      keepClassNames: true,
    },
    module: { type: 'commonjs' },
    sourceMaps: 'inline',
  },
];

/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/apps', '<rootDir>/libs', '<rootDir>/test'],
  maxWorkers: 2, // jest's own choice for two cores is one; many tests wait for processes
  testTimeout: 30_000, // machines are shared and noisy; what hangs is found all the same
  testRegex: '\\.test\\.ts$',
  testPathIgnorePatterns: ['/node_modules/', '/planted-violations/'],
  transform: { '^.+\\.m?[tj]s$': swc },
  transformIgnorePatterns: [`/node_modules/(?!.*/node_modules/)(?!(${esm.join('|')})/)`],
  moduleNameMapper: {
    '^#libs/(.*)\\.js$': '<rootDir>/libs/$1.ts',
    '^(\\.{1,2}/.*)\\.js$': ['$1.ts', '$1.js'],
  },
};
