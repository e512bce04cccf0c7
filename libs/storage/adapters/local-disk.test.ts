import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeDisk } from '../testing/disk.contract.js';
import { openLocalDisk } from './open-local-disk.js';

const folder = mkdtempSync(join(tmpdir(), 'local-disk-'));
afterAll(() => rmSync(folder, { recursive: true }));
let roots = 0;
const newRoot = (): string => join(folder, String((roots += 1)));

describeDisk(
  'LocalDisk',
  () => openLocalDisk(newRoot()),
  () => Promise.resolve(readdirSync(join(folder, String(roots), '.drafts'))),
);
