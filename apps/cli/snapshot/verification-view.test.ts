import { repositoryName, snapshotId } from '#libs/kernel/ids.js';
import { type Verification } from '#libs/snapshots/damage/verify-snapshot.js';

import { verificationLines, verificationView } from './verification-view.js';

const VENDOR = repositoryName('vendor');
const OLD = snapshotId('20260114T000000Z');
const MIDDLE = snapshotId('20260115T000000Z');
const NEWEST = snapshotId('20260116T000000Z');

const SOUND: Verification = {
  snapshot: OLD,
  files: 5,
  bytes: 29,
  manifestSound: true,
  problems: [],
  sound: true,
  state: 'complete',
  movedTo: undefined,
  alsoMarked: [],
  keptDamaged: undefined,
};
const DAMAGED: Verification = {
  ...SOUND,
  problems: [
    { path: 'a', state: 'wrong', repaired: false },
    { path: 'b', state: 'missing', repaired: true },
  ],
  sound: false,
  state: 'damaged',
  movedTo: 'damaged',
};
const WAY_OUT = `If upstream still has it: repository:sync vendor --wait, then snapshot:verify vendor ${OLD}. If not: snapshot:delete vendor ${OLD}.`;

const lines = (verification: Partial<Verification>, of = DAMAGED) =>
  verificationLines(VENDOR, { ...of, ...verification });

describe('what is said of a verified snapshot', () => {
  it('that it is sound', () => {
    expect(lines({}, SOUND)).toEqual([`Snapshot ${OLD} is sound: 5 files, 29 B.`]);
    expect(lines({ movedTo: 'complete' }, SOUND)).toContain('It is complete again.');
  });

  it('what is damaged, which others have the damage, which one goes on, and the way out', () => {
    expect(lines({ alsoMarked: [MIDDLE], keptDamaged: NEWEST })).toEqual([
      'wrong: a',
      'missing, repaired: b',
      `Snapshot ${OLD} is damaged: content of 1 of its 5 files is missing or wrong.`,
      'It is served no more.',
      `The same damage ends the service of: ${MIDDLE}.`,
      `${NEWEST} has the damage too, and goes on being served: the repository is frozen to it, or no other one is whole.`,
      WAY_OUT,
    ]);
  });

  it('the way out of one whose state stayed as it was', () => {
    expect(lines({ movedTo: undefined }).slice(-2)).toEqual(['It stays damaged: it is not served.', WAY_OUT]);
    expect(lines({ state: 'complete', movedTo: undefined, keptDamaged: OLD }).slice(-2)).toEqual([
      'It goes on being served: the repository is frozen to it, or no other one is whole.',
      WAY_OUT,
    ]);
  });

  it('that the manifest is gone, which no sync brings back', () => {
    const text = lines({ manifestSound: false, problems: [] }).join('\n');
    expect(text).toContain(`put it back from a backup, or snapshot:delete vendor ${OLD}.`);
    expect(text).not.toContain('repository:sync');
  });

  it('to programs every field, null when nothing changed', () => {
    expect(verificationView(SOUND)).toEqual({ ...SOUND, movedTo: null, keptDamaged: null });
  });
});
