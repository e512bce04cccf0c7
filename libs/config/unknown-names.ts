import { editDistance } from '#libs/kernel/edit-distance.js';

const PREFIX = /^PARCELER_/;

/** Names that the original Parceler had, and what became of them. */
export const RETIRED: ReadonlyMap<string, string> = new Map([
  [
    'REPOSITORY_SOURCE_FOLDER',
    'sources stand in <STORAGE_PATH>/disk/source, and sync commands find theirs in $SOURCE_DIR',
  ],
]);

/** The known name that somebody meant who wrote another one, if that is plain. */
export function meantBy(name: string, known: Iterable<string>): string | undefined {
  const written = name.toUpperCase().replace(PREFIX, '');
  const near = [...known].map((candidate) => ({ candidate, distance: editDistance(candidate, written) }));
  const [nearest] = near.toSorted((a, b) => a.distance - b.distance);
  return nearest && nearest.distance <= typosIn(nearest.candidate) ? nearest.candidate : undefined;
}

/** The names are HOST as well as COMMUNITY_CACHE_TTL: one slip in four letters, and never more than three. */
const typosIn = (name: string): number => Math.min(3, Math.floor(name.length / 4));
