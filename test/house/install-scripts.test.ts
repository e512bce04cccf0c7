import { readFileSync } from 'node:fs';

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly allowScripts?: Readonly<Record<string, boolean>>;
}

const manifest = (file: string): Manifest => JSON.parse(readFileSync(file, 'utf8')) as Manifest;

describe('installing', () => {
  it('compiles the driver for Node 20, and not the one that brings its binaries along (docs/adr/0007)', () => {
    const { optionalDependencies, allowScripts } = manifest('package.json');
    const { dependencies } = manifest('build/better-sqlite3-for-node-20/package.json');
    expect(allowScripts).toMatchObject({
      [`better-sqlite3@${String(optionalDependencies?.['better-sqlite3'])}`]: false,
      [`better-sqlite3@${String(dependencies?.['better-sqlite3'])}`]: true,
    });
    expect(allowScripts).not.toHaveProperty('better-sqlite3');
  });
});
