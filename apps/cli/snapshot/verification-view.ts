import { counted } from '#libs/kernel/counted.js';
import { type RepositoryName } from '#libs/kernel/ids.js';
import { type Verification } from '#libs/snapshots/damage/verify-snapshot.js';

import { bytesText } from '../views.js';

/** Field names are stable and documented in `docs/cli.md`. */
export const verificationView = (verification: Verification) => ({
  snapshot: verification.snapshot,
  files: verification.files,
  bytes: verification.bytes,
  manifestSound: verification.manifestSound,
  problems: verification.problems,
  sound: verification.sound,
  state: verification.state,
  movedTo: verification.movedTo ?? null,
  alsoMarked: verification.alsoMarked,
  keptDamaged: verification.keptDamaged ?? null,
});

/** What was found, what became of the snapshots, and what to do next. */
export function verificationLines(repository: RepositoryName, verification: Verification): readonly string[] {
  const { problems, manifestSound } = verification;
  return [
    ...problems.map(({ path, state, repaired }) => `${state}${repaired ? ', repaired' : ''}: ${path}`),
    ...(manifestSound ? [] : ['The manifest is missing, or not the one that was published.']),
    verdict(verification),
    ...consequences(verification),
    ...(verification.sound ? [] : wayOut(repository, verification)),
  ];
}

function verdict({ snapshot, files, bytes, problems, manifestSound, sound }: Verification): string {
  if (sound) return `Snapshot ${snapshot} is sound: ${counted(files, 'file')}, ${bytesText(bytes)}.`;
  if (!manifestSound) return `Snapshot ${snapshot} is damaged: its list of files cannot be read.`;
  const lost = problems.filter(({ repaired }) => !repaired).length;
  return `Snapshot ${snapshot} is damaged: content of ${String(lost)} of its ${counted(files, 'file')} is missing or wrong.`;
}

function consequences({ snapshot, sound, state, movedTo, alsoMarked, keptDamaged }: Verification): readonly string[] {
  const lines: string[] = [];
  if (movedTo === 'complete') lines.push('It is complete again.');
  else if (movedTo === 'superseded') lines.push('It is superseded: a milestone was released since.');
  else if (movedTo === 'damaged') lines.push('It is served no more.');
  else if (!sound && keptDamaged !== snapshot) lines.push(`It stays ${state}: it is not served.`);
  if (alsoMarked.length > 0) lines.push(`The same damage ends the service of: ${alsoMarked.join(', ')}.`);
  if (keptDamaged !== undefined) {
    const which = keptDamaged === snapshot ? 'It' : `${keptDamaged} has the damage too, and`;
    lines.push(`${which} goes on being served: the repository is frozen to it, or no other one is whole.`);
  }
  return lines;
}

function wayOut(repository: RepositoryName, { snapshot, manifestSound }: Verification): readonly string[] {
  const remove = `snapshot:delete ${repository} ${snapshot}`;
  if (!manifestSound) return [`A manifest does not come back by itself: put it back from a backup, or ${remove}.`];
  return [
    `If upstream still has it: repository:sync ${repository} --wait, then snapshot:verify ${repository} ${snapshot}. If not: ${remove}.`,
  ];
}
