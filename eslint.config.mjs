import n from 'eslint-plugin-n';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

const tests = ['**/*.test.ts', '**/testing/**/*.ts', 'test/**/*.ts', 'bench/**/*.ts'];

const words = [
  { selector: 'TSEnumDeclaration', message: 'Use a union of string literals instead of an enum.' },
  { selector: 'ExportDefaultDeclaration', message: 'Export by name.' },
  { selector: 'ExportSpecifier[exported.name="default"]', message: 'Export by name.' },
  { selector: 'TSExportAssignment', message: 'Export by name.' },
  { selector: 'ExportAllDeclaration', message: 'No barrels: import from the file that holds the thing.' },
  { selector: 'ExportNamedDeclaration[source]', message: 'No barrels: import from the file that holds the thing.' },
  { selector: 'CallExpression[callee.name="forwardRef"]', message: 'A cycle of modules is a design error.' },
  { selector: 'Decorator CallExpression[callee.name="Global"]', message: 'Import the module where it is needed.' },
  {
    selector: 'Decorator CallExpression[callee.name="Injectable"]',
    message: 'Use cases and drivers are plain classes; a module lists factories.',
  },
  {
    selector: 'MemberExpression[object.name=/^(it|test|describe)$/][property.name=/^(only|skip|todo|failing)$/]',
    message: 'No focused, skipped or promised tests.',
  },
  {
    selector: 'CallExpression[callee.name=/^(fit|xit|xtest|fdescribe|xdescribe)$/]',
    message: 'No focused or skipped tests.',
  },
];

const endless = {
  selector: 'CallExpression[callee.name=/^mkdir(Sync)?$/] Property[key.name="recursive"]',
  message: 'makeFolders of libs/files: this one tries for ever where nothing can be made.',
};

export default defineConfig(
  { ignores: ['dist/', 'coverage/', 'storage/', 'node_modules/', 'test/planted-violations/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    plugins: { n },
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      'max-lines': ['error', 300],
      'max-lines-per-function': ['error', { max: 50, IIFEs: true }],
      'max-depth': ['error', 3],
      complexity: ['error', 10],
      '@typescript-eslint/max-params': ['error', { max: 5 }],
      'no-console': 'error',
      'no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx'], location: 'anywhere' }],
      'n/no-process-env': 'error',
      'no-restricted-imports': ['error', { paths: ['process', 'node:process'] }],
      'no-restricted-syntax': ['error', ...words, endless],
      eqeqeq: 'error',
      'no-async-promise-executor': 'error',
      'no-case-declarations': 'error',
      'no-constant-binary-expression': 'error',
      'no-control-regex': 'error',
      'no-empty': 'error',
      'no-empty-character-class': 'error',
      'no-misleading-character-class': 'error',
      'no-promise-executor-return': 'error',
      'no-self-compare': 'error',
      'no-unsafe-finally': 'error',
      'no-useless-catch': 'error',
      'no-useless-escape': 'error',
      'no-var': 'error',
      'prefer-const': 'error',
      'preserve-caught-error': 'error',

      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { allowDefaultCaseForExhaustiveSwitch: false, requireDefaultForNonUnion: true },
      ],
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }], // Nest modules
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off', // TypeORM declares its option bags as classes
      // A port that promises is async in each driver, whether that driver has something to wait for or not.
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    files: tests,
    rules: {
      'max-lines': ['error', 400],
      'max-lines-per-function': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off', // expect.objectContaining(…) and the like are `any`
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unnecessary-type-parameters': 'off', // json<Run>() says what is expected of an answer
      '@typescript-eslint/unbound-method': 'off',
      'no-restricted-syntax': ['error', ...words],
      'n/no-process-env': 'off', // tests start processes and look at what they are given
    },
  },
  { files: ['libs/persistence/migrations/*.ts'], rules: { 'max-lines-per-function': 'off' } }, // lists of statements
  { files: ['apps/*/main.ts'], rules: { 'n/no-process-env': 'off' } },
  { files: ['bench/**/*.ts'], rules: { 'no-console': 'off' } },
);
