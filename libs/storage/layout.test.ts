import { repositoryName, snapshotId } from '#libs/kernel/ids.js';

import { blobKey, DISK_MARKER, isSha256, manifestKey, snapshotFolder, sourceOf, stagingOf } from './layout.js';

const openwrt = repositoryName('openwrt');
const id = snapshotId('20260114T103045Z');
const hash = 'ab'.repeat(32);

it('places everything where docs and operators expect it', () => {
  expect(isSha256(hash) && blobKey(hash)).toBe(`blobs/ab/${hash}`);
  expect(manifestKey(openwrt, id)).toBe('snapshots/openwrt/20260114T103045Z/manifest.jsonl.gz');
  expect(manifestKey(openwrt, id).startsWith(snapshotFolder(openwrt, id))).toBe(true);
  expect(sourceOf(openwrt)).toBe('source/openwrt/');
  expect(stagingOf('run-7')).toBe('staging/run-7/');
  expect(DISK_MARKER).toBe('.parceler-disk');
});

it.each(['', 'AB'.repeat(32), 'ab'.repeat(31), `${hash}\n`, 'zz'.repeat(32)])('%j is no hash', (text) => {
  expect(isSha256(text)).toBe(false);
});
