import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Where this package stands, found from wherever this file was built or bundled to. */
export const packageFolder = (folder = __dirname): string =>
  existsSync(join(folder, 'package.json')) ? folder : packageFolder(dirname(folder));

export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(join(packageFolder(), 'package.json'), 'utf8')) as { version: string };
  return version;
}
