import { repositoryName } from '#libs/kernel/ids.js';

import { freezeTarget } from './freeze-target.js';

const debian = repositoryName('debian');

describe('freezeTarget', () => {
  it.each([
    ['20260114T103045Z', '20260114T103045Z', '20260114T103045Z'],
    ['2026-01-14T10:30:45+00:00', '2026-01-14T10:30:45+00:00', '20260114T103045Z'],
    ['snapshots/debian/20260114T103045Z', '20260114T103045Z', '20260114T103045Z'],
    ['by-hand', 'by-hand', undefined],
    ['by-hand/', 'by-hand', undefined],
    ['./snapshots/debian/by-hand', 'by-hand', undefined],
    ['/var/lib/parceler/disk/snapshots/debian/by-hand/', 'by-hand', undefined],
    ['Näme with space', 'Näme with space', undefined],
  ])('takes "%s" for the directory "%s", snapshot %s', (text, directory, id) => {
    expect(freezeTarget(debian, text, '/var/lib/parceler/disk/snapshots/debian')).toEqual({ directory, id });
  });

  it.each([
    '',
    '/',
    '.',
    '..',
    'a/b',
    '.noted',
    'snapshots/debian',
    'snapshots/debian/..',
    'snapshots/debian/../openwrt/x',
    'snapshots/openwrt/20260114T103045Z',
    'source/debian',
    '/etc',
    '/var/lib/parceler/disk',
    'back\\slash',
    'nul\0',
  ])('refuses %j', (text) => {
    expect(() => freezeTarget(debian, text, '/var/lib/parceler/disk/snapshots/debian')).toThrow(
      'does not name a directory',
    );
  });
});
