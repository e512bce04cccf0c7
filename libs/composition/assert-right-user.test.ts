import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { assertRightUser } from './assert-right-user.js';

const [ROOT, SERVICE, OTHER] = [0, 70_001, 70_002];
const FOLDER = '/var/lib/parceler';
const FILE = `${FOLDER}/parceler.sqlite`;

describe('assertRightUser', () => {
  const assert = (own: number | undefined, owners: Readonly<Record<string, number>>) => () => {
    const config = { storagePath: FOLDER, database: { driver: 'sqlite', file: FILE } } as const;
    assertRightUser(config, { own, ownerOf: (path) => owners[path] });
  };

  it('refuses root where the database belongs to somebody else, and names whom to run it as', () => {
    expect(assert(ROOT, { [FILE]: SERVICE, [FOLDER]: ROOT })).toThrow(
      expect.objectContaining({
        code: 'WRONG_USER',
        kind: 'denied',
        message: `Root must not run Parceler here: ${FILE} belongs to user 70001.`,
        hint: expect.stringContaining('Run it as user 70001') as string,
      }) as Error,
    );
  });

  it('goes by the storage folder before there is a database', () => {
    expect(assert(ROOT, { [FOLDER]: SERVICE })).toThrow(`${FOLDER} belongs to user 70001.`);
    expect(assert(ROOT, {})).not.toThrow();
  });

  it('lets root go on where it made the database, in whose folder ever', () => {
    expect(assert(ROOT, { [FILE]: ROOT, [FOLDER]: SERVICE })).not.toThrow();
  });

  it('lets others try: what they may not write they cannot spoil', () => {
    for (const own of [SERVICE, OTHER, undefined]) expect(assert(own, { [FILE]: SERVICE })).not.toThrow();
  });

  it('asks the machine: what we made is ours', () => {
    const storagePath = mkdtempSync(join(tmpdir(), 'right-user-'));
    expect(() => {
      assertRightUser({ storagePath, database: { driver: 'sqlite', file: join(storagePath, 'none') } });
    }).not.toThrow();
    rmSync(storagePath, { recursive: true });
  });
});
