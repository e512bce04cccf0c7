// Loads the bundled command line together with the code that V8 made of it when it was built, which saves compiling five
// megabytes at each start. Node 22 has module.enableCompileCache for this; Node 20, which we support too, has not.
const { readFileSync } = require('node:fs');
const Module = require('node:module');
const { dirname, join } = require('node:path');
const { Script, constants } = require('node:vm');

const BUNDLE = join(__dirname, '../dist/bin/parceler.js');
const CODE_CACHE = join(__dirname, '../dist/bin/parceler.cache');

/** V8 refuses a cache of another version, or of another source, and compiles as if there were none. */
function codeCache() {
  try {
    return readFileSync(CODE_CACHE);
  } catch {
    return undefined;
  }
}

/** @returns the compiled script, so that the build can keep what V8 has made of it by the end */
function loadBundle() {
  const script = new Script(Module.wrap(readFileSync(BUNDLE, 'utf8')), {
    filename: BUNDLE,
    cachedData: codeCache(),
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  const bundle = new Module(BUNDLE);
  bundle.filename = BUNDLE;
  script
    .runInThisContext()
    .call(bundle.exports, bundle.exports, Module.createRequire(BUNDLE), bundle, BUNDLE, dirname(BUNDLE));
  return script;
}

module.exports = { CODE_CACHE, loadBundle };
