// Runs a typical short command and keeps the code that V8 compiled for it beside the bundle; see bin/load-bundle.cjs.
const { mkdtempSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

const { CODE_CACHE, loadBundle } = require('../bin/load-bundle.cjs');

const folder = mkdtempSync(join(tmpdir(), 'parceler-build-'));
process.chdir(folder); // no .env of a working copy
process.env = { PATH: process.env.PATH, HOME: process.env.HOME, STORAGE_PATH: folder };
process.argv = [process.execPath, 'parceler', 'repository:list', '--json'];
for (const output of [process.stdout, process.stderr]) output.write = () => true;

const script = loadBundle();
process.once('exit', () => {
  writeFileSync(CODE_CACHE, script.createCachedData());
  rmSync(folder, { recursive: true, force: true });
});
