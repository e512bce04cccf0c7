// Builds `dist/`: swc compiles apps and libs file by file; esbuild then bundles the command line into one file,
// since finding and reading some 1,500 small files is most of what starting a short command costs.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

rmSync(`${root}dist`, { recursive: true, force: true });
const swc = spawnSync(process.execPath, ['node_modules/@swc/cli/bin/swc.js', 'apps', 'libs', '-d', 'dist', '--quiet'], {
  cwd: root,
  stdio: 'inherit',
});
if (swc.status !== 0) process.exit(swc.status ?? 1);

/** Libraries try optional companions with `require` inside `try`; those that are not installed stay outside. */
const leaveOutWhatIsNotInstalled = {
  name: 'leave-out-what-is-not-installed',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^[^./#]/ }, async ({ path, kind, resolveDir, importer, pluginData }) => {
      if (pluginData === 'asked') return undefined;
      const found = await resolve(path, { kind, resolveDir, importer, pluginData: 'asked' });
      return found.errors.length > 0 ? { path, external: true } : found;
    });
  },
};

await build({
  absWorkingDir: root,
  entryPoints: ['dist/apps/cli/main.js'],
  outfile: 'dist/bin/parceler.js',
  bundle: true,
  platform: 'node',
  target: 'node20',
  keepNames: true, // commands find their options by the name of their class
  minifyWhitespace: true,
  external: [
    'better-sqlite3', // native, as is the next
    'better-sqlite3-for-node-20',
    'typescript', // optional for a library, and large; installed only where Parceler is developed
    'prettier',
  ],
  plugins: [leaveOutWhatIsNotInstalled],
  logLevel: 'error',
});

const cache = spawnSync(process.execPath, ['build/make-code-cache.cjs'], { cwd: root, stdio: 'inherit' });
if (cache.status !== 0) process.exit(cache.status ?? 1);
